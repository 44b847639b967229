/** WXS scripts, which run as JavaScript here: where the two differ, the text is turned. */

import { transformSync } from "esbuild";

/** What WXS has and JavaScript has not. */
export const WXS_RUNTIME = `
var getDate = (...parts) => new Date(...parts);
var getRegExp = (pattern, flags = "") => new RegExp(pattern, flags);
`;

const REQUIRE = /\brequire\(\s*(["'])(.+?)\1\s*\)/g;

/** Adds a script file and all it requires to the group of templates. */
export function addScript(path, group, { files, problems, seen }) {
  if (seen.has(path)) return;
  seen.add(path);
  const file = `${path}.wxs`;
  const text = files.read(file);
  check(text, files.show(file), problems);
  for (const [, , named] of text.matchAll(REQUIRE)) {
    const wanted = files.join(file, named).replace(/\.wxs$/, "");
    if (files.has(`${wanted}.wxs`)) addScript(wanted, group, { files, problems, seen });
    else problems.add(files.show(file), null, `找不到 WXS 文件 (no such WXS file): ${named}`);
  }
  // `require` asks by the name with its extension, templates ask without.
  for (const name of [path, file]) group.addScript(name, turn(text));
}

/** Checks and turns the scripts written within a template. */
export function turnInlineScripts(path, group, { shown, problems }) {
  for (const name of group.getInlineScriptModuleNames(path)) {
    const text = group.getInlineScript(path, name);
    check(text, shown, problems, ` <wxs module="${name}">`);
    group.setInlineScript(path, name, turn(text));
  }
}

/** `x.constructor` is a name in WXS (`"Array"`), a function in JavaScript. */
const turn = (text) => text.replace(/\.constructor\b(?!\s*\.\s*name)/g, ".constructor.name");

/** WXS is the language of ES5 without more. */
function check(text, shown, problems, where = "") {
  try {
    transformSync(text, { target: "es5", logLevel: "silent" });
  } catch (error) {
    for (const { text: message, location } of error.errors ?? []) {
      const at = where || !location ? null : { line: location.line, column: location.column + 1 };
      problems.add(shown, at, `WXS 语法错误${where} (wrong WXS): ${message}`);
    }
  }
}
