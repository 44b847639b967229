/** The console's words. `zh` is the first language; `en` has the very same keys. */

import { language } from "@/session/preferences";
import { en } from "./en";
import { zh } from "./zh";

export type Key = keyof typeof zh;
export type Catalogue = Record<Key, string>;

const CATALOGUES: Record<"zh" | "en", Catalogue> = { zh, en };

/** The text in the chosen language, `{name}` filled from `values`. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return CATALOGUES[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

/** The text of a word that the server sent (`door.`, `audit.kind.`): the word itself where the
 * catalogue does not know it yet. */
export function tWord(prefix: string, word: string): string {
  const key = `${prefix}.${word}`;
  return isKey(key) ? t(key) : word;
}

export function isKey(key: string): key is Key {
  return Object.hasOwn(zh, key);
}
