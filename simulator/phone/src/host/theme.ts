/** Light and dark: a mini program follows the phone only where its app.json says `darkmode`. */

import type { AppConfig, WindowConfig } from "./compiled";

export type Theme = "light" | "dark";

export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

/** Colours written as `@name` are those of theme.json. */
export function resolveThemed<T extends object>(config: T, { themes }: AppConfig, theme: Theme): T {
  const values = themes[theme];
  const resolve = (value: unknown): unknown =>
    typeof value === "string" && value.startsWith("@") ? (values[value.slice(1)] ?? value) : value;
  return JSON.parse(JSON.stringify(config), (_, value: unknown) => resolve(value)) as T;
}

export const frontColor = ({ navigationBarTextStyle }: WindowConfig): "#ffffff" | "#000000" =>
  navigationBarTextStyle === "black" ? "#000000" : "#ffffff";
