/** Language and theme: the only things that the console keeps in the browser. */

import { ref, watchEffect } from "vue";
import type { Language } from "@/api/types";

export type Theme = "auto" | "light" | "dark";

const LANGUAGE_KEY = "wxlogin.language";
const THEME_KEY = "wxlogin.theme";

export const language = ref<Language>(read(LANGUAGE_KEY, ["zh", "en"], "zh"));
export const theme = ref<Theme>(read(THEME_KEY, ["auto", "light", "dark"], "auto"));

function read<Value extends string>(
  key: string,
  allowed: readonly Value[],
  otherwise: Value,
): Value {
  try {
    const kept = localStorage.getItem(key);
    return allowed.find((value) => value === kept) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that forbids storage forgets the choice with the tab, and that is all.
  }
}

export function setLanguage(chosen: Language): void {
  language.value = chosen;
  keep(LANGUAGE_KEY, chosen);
}

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  keep(THEME_KEY, chosen);
}

/** Writes both onto the document, now and at every change, also of the system's own theme. */
export function applyPreferences(root: HTMLElement): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isSystemDark = ref(system.matches);
  system.addEventListener("change", (event) => (isSystemDark.value = event.matches));
  watchEffect(() => {
    const isDark = theme.value === "dark" || (theme.value === "auto" && isSystemDark.value);
    root.setAttribute("theme-mode", isDark ? "dark" : "light");
    root.lang = language.value === "zh" ? "zh-CN" : "en";
  });
}
