/** Pictures of the package: pages name them in data too, so all of them are taken. */

import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";

const PICTURE = /\.(png|jpe?g|gif|svg|webp)$/i;
const ELSEWHERE = new Set(["node_modules", "tests", "typings"]);

export function picturesOf(root, folder = "") {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && !ELSEWHERE.has(name))
    .flatMap((entry) => {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory()) return picturesOf(root, path);
      return PICTURE.test(entry.name) ? [path] : [];
    })
    .sort();
}

export function copyPictures(root, out) {
  for (const path of picturesOf(root)) cpSync(join(root, path), join(out, path));
}
