/** WXML: all templates of a mini program become one JavaScript expression. */

import { createRequire } from "node:module";
import { tagsOf } from "./wxml_tags.mjs";
import { addScript, turnInlineScripts, WXS_RUNTIME } from "./wxs.mjs";

const require = createRequire(import.meta.url);

/**
 * A compiler with a memory of its own: what one compilation leaves behind changes the order of names in the next,
 * and the same source must give the same bytes.
 */
function freshCompiler() {
  const name = require.resolve("glass-easel-template-compiler");
  delete require.cache[name];
  return require(name);
}

/** Tags that are no component: the template language's own. */
const LANGUAGE = ["block", "template", "import", "include", "slot", "wxs"];

const IMAGE_TAGS = new Set(["image", "cover-image"]);

/** The templates of all units, and of what they import. */
export function compileTemplates(units, { files, problems, tags }) {
  const { TmplGroup } = freshCompiler();
  const group = new TmplGroup();
  group.setExtraRuntimeScript(WXS_RUNTIME);
  const texts = new Map();
  const scripts = new Set();
  const context = { files, problems, group, texts, scripts };
  for (const path of Object.keys(units)) addTemplate(path, context);
  for (const [path, { using }] of Object.entries(units)) {
    checkTags(path, new Set([...LANGUAGE, ...tags, ...Object.keys(using)]), context);
  }
  const expression = problems.any ? "{}" : group.getTmplGenObjectGroups();
  group.free();
  return expression;
}

function addTemplate(path, context) {
  const { files, problems, group, texts, scripts } = context;
  if (texts.has(path)) return;
  const file = `${path}.wxml`;
  const shown = files.show(file);
  const text = files.read(file);
  texts.set(path, text);
  for (const { level, message, startLine, startColumn } of group.addTmpl(path, text)) {
    if (level === "Note") continue;
    const at = { line: startLine + 1, column: startColumn + 1 };
    problems.add(shown, at, `WXML 错误 (wrong WXML): ${message}`);
  }
  turnInlineScripts(path, group, { shown, problems });
  for (const dependency of group.getScriptDependencies(path)) {
    if (files.has(`${dependency}.wxs`)) {
      addScript(dependency, group, { files, problems, seen: scripts });
    } else tellMissing(path, "wxs", dependency, context);
  }
  for (const dependency of group.getDirectDependencies(path)) {
    if (files.has(`${dependency}.wxml`)) addTemplate(dependency, context);
    else tellMissing(path, "import", dependency, context);
  }
}

function tellMissing(path, kind, wanted, { files, problems, texts }) {
  for (const { name, attributes } of tagsOf(texts.get(path))) {
    const { src } = attributes;
    if (!src || (name === "wxs") !== (kind === "wxs")) continue;
    if (files.join(path, src.value).replace(/\.(wxml|wxs)$/, "") !== wanted) continue;
    problems.add(files.show(`${path}.wxml`), src.at, `找不到文件 (no such file): ${src.value}`);
  }
}

/** Every tag must be one this phone knows, in the template and in what it imports. */
function checkTags(path, known, context, seen = new Set()) {
  if (seen.has(path)) return;
  seen.add(path);
  const { files, problems, texts } = context;
  const shown = files.show(`${path}.wxml`);
  for (const { name, at, attributes } of tagsOf(texts.get(path))) {
    if (!known.has(name)) {
      problems.add(
        shown,
        at,
        `模拟手机没有 <${name}>，usingComponents 里也没有 (this phone does not have <${name}>)`,
      );
    }
    if (Object.keys(attributes).some((each) => each.startsWith("generic:"))) {
      problems.add(shown, at, "模拟手机没有抽象节点 (this phone does not have generics)");
    }
    if (IMAGE_TAGS.has(name)) checkImage(path, attributes.src, context);
    if (name !== "import" && name !== "include") continue;
    const wanted = files.join(path, attributes.src?.value ?? "").replace(/\.wxml$/, "");
    if (texts.has(wanted)) checkTags(wanted, known, context, seen);
  }
}

function checkImage(path, src, { files, problems }) {
  if (!src?.value || src.value.includes("{{") || /^[a-z]+:/i.test(src.value)) return;
  if (files.has(files.join(path, src.value))) return;
  const shown = files.show(`${path}.wxml`);
  problems.add(shown, src.at, `找不到图片 (no such picture): ${src.value}`);
}
