/// <reference path="./node.d.ts" />

/** Mini programs written within a test. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compileApp } from "./compile_app";

/** A page or component in short: what differs from an empty one. */
export type Part = { wxml?: string; js?: string; json?: object; wxss?: string };

/**
 * A mini program for `openPhone`; the first part is the first page. It is compiled at once, and known by the folder
 * it was in.
 */
export function writeMiniProgram(
  parts: Record<string, Part>,
  { app = {}, script = "App({})" }: { app?: object; script?: string } = {},
): string {
  const folder = mkdtempSync(join(tmpdir(), "mini-program-"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const pages = Object.keys(parts).filter((path) => path.startsWith("pages/"));
  write("app.json", JSON.stringify({ pages, ...app }));
  write("app.js", script);
  for (const [path, { wxml = "<view />", js, json = {}, wxss }] of Object.entries(parts)) {
    const page = path.startsWith("pages/");
    write(`${path}.wxml`, wxml);
    write(`${path}.js`, js ?? (page ? "Page({})" : "Component({})"));
    write(`${path}.json`, JSON.stringify(page ? json : { component: true, ...json }));
    if (wxss) write(`${path}.wxss`, wxss);
  }
  compileApp(folder);
  rmSync(folder, { recursive: true });
  return folder;
}
