/** The language of the page: remembered, else the browser's, Chinese first. */

import { TEXTS } from "./texts.js";

const KEY = "wxlogin-demo:language";

/** @typedef {import("./types").Words} Words */

/** @type {Set<() => void>} */
const listeners = new Set();

/** @type {"zh" | "en"} */
let current = remembered();

/** @param {Words} words */
export function say(words) {
  return words[current];
}

/** @param {keyof typeof TEXTS} name */
export function text(name) {
  return say(TEXTS[name]);
}

/**
 * `listener` is called at once, and whenever the language changes.
 * @param {() => void} listener
 */
export function inEachLanguage(listener) {
  listeners.add(listener);
  listener();
}

export function otherLanguage() {
  current = current === "zh" ? "en" : "zh";
  localStorage.setItem(KEY, current);
  for (const listener of listeners) listener();
}

/** The texts that stand in the HTML: `data-text` names each. */
export function sayAll() {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-text]")) {
    const name = /** @type {keyof typeof TEXTS} */ (element.getAttribute("data-text"));
    element.textContent = text(name);
  }
}

/** @returns {"zh" | "en"} */
function remembered() {
  const kept = localStorage.getItem(KEY);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}
