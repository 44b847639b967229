/** The tags of a WXML file, with their places: what the template compiler does not tell. */

import { positionAt } from "./problems.mjs";

const TAG = /<!--[\s\S]*?-->|\{\{[\s\S]*?\}\}|<([a-zA-Z][\w.-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/g;
const ATTRIBUTE = /([^\s=/"'>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/g;
const WXS_END = /<\/wxs\s*>/g;

/** Each tag that is opened: `{name, at, attributes: {name: {value, at}}}`. */
export function* tagsOf(text) {
  TAG.lastIndex = 0;
  const pattern = new RegExp(TAG);
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const [whole, name, rest] = found;
    if (!name) continue;
    yield { name, at: positionAt(text, found.index + 1), attributes: attributesOf(text, found) };
    if (name !== "wxs" || rest.endsWith("/")) continue;
    // What stands within <wxs> is a script: its `<` open no tags.
    WXS_END.lastIndex = found.index + whole.length;
    const end = WXS_END.exec(text);
    pattern.lastIndex = end ? WXS_END.lastIndex : text.length;
  }
}

function attributesOf(text, tag) {
  const [, name, rest] = tag;
  const start = tag.index + 1 + name.length;
  const attributes = {};
  for (const found of rest.matchAll(ATTRIBUTE)) {
    const value = (found[2] ?? "").replace(/^(["'])(.*)\1$/s, "$2");
    attributes[found[1]] = { value, at: positionAt(text, start + found.index) };
  }
  return attributes;
}
