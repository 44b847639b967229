/** A folder with a mini program becomes `app.js`, `app.css` and its pictures. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyPictures } from "./pictures.mjs";
import { Problems } from "./problems.mjs";
import { openProject, readProject, scopeOf } from "./project.mjs";
import { compileScripts } from "./scripts.mjs";
import { compileStyles } from "./styles.mjs";
import { compileTemplates } from "./templates.mjs";

/** Written when the phone is built, from the components it really has. */
const TAGS = fileURLToPath(new URL("../static/tags.json", import.meta.url));

const readTags = () => JSON.parse(readFileSync(TAGS, "utf8"));

/**
 * Compiles into `out` and gives the report; with any problem, nothing is written. With `dev` the script is readable,
 * and errors tell their places in the sources.
 */
export async function compile(folder, out, { tags = readTags(), dev = false } = {}) {
  const problems = new Problems();
  const files = openProject(folder, problems);
  const context = { files, problems, tags, dev };
  const project = readProject(files, problems);
  if (!project) return { problems: problems.list(), report: null };
  const complete = completeUnits(project.units, files);
  const templates = compileTemplates(complete, context);
  const script = await compileScripts({ ...project, templates }, context);
  const styles = compileStyles(sheetsOf(project.units), context);
  if (problems.any) return { problems: problems.list(), report: null };
  const report = {
    pages: project.config.pages.length,
    bytes: Buffer.byteLength(script) + Buffer.byteLength(styles),
    warnings: [],
  };
  write(out, { "app.js": script, "app.css": styles, "report.json": `${JSON.stringify(report)}\n` });
  copyPictures(files.root, join(out, "assets"));
  return { problems: [], report };
}

/** Those whose template is there: a missing one has been told already. */
const completeUnits = (units, files) =>
  Object.fromEntries(Object.entries(units).filter(([path]) => files.has(`${path}.wxml`)));

/** In the order in which they overrule one another. */
const sheetsOf = (units) => [
  { path: "app", kind: "app", scope: "" },
  ...Object.entries(units).map(([path, { page, scope }]) => ({
    path,
    kind: page ? "page" : "component",
    scope: scope || scopeOf(path),
  })),
];

function write(out, contents) {
  // A report tells that the folder is ours: pictures of the build before may go.
  if (existsSync(join(out, "report.json")))
    rmSync(join(out, "assets"), { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(out, name), text);
}
