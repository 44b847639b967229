/** The bars around a page, as app.json, the page's JSON and the page itself want them. */

import type { AppConfig, TabBarConfig } from "./compiled";
import type { OpenPage } from "./page";
import type { Shell, TabBar } from "./ports";
import { frontColor, resolveThemed, type Theme } from "./theme";

type Circumstances = { config: AppConfig; theme: Theme; depth: number };

/** Where the compiler put a picture of the package. */
export const assetUrl = (path: string): string => `app/assets/${path.replace(/^\//, "")}`;

export function dress(shell: Shell, page: OpenPage, { config, theme, depth }: Circumstances): void {
  const wanted = resolveThemed(page.config, config, theme);
  shell.setTitle(page.bar.title ?? wanted.navigationBarTitleText ?? "");
  shell.setNavigationStyle({
    style: wanted.navigationStyle ?? "default",
    color: page.bar.frontColor ?? frontColor(wanted),
    background: page.bar.backgroundColor ?? wanted.navigationBarBackgroundColor ?? "#000000",
  });
  shell.setNavigationLoading(page.bar.loading);
  shell.setBackVisible(depth > 1);
  const selected = config.tabBar?.list.findIndex(({ pagePath }) => pagePath === page.path) ?? -1;
  if (!config.tabBar || selected < 0) shell.setTabBar(null, -1);
  else shell.setTabBar(tabBarOf(resolveThemed(config.tabBar, config, theme)), selected);
}

const tabBarOf = (config: TabBarConfig): TabBar => ({
  color: config.color ?? "#7f8389",
  selectedColor: config.selectedColor ?? "#07c160",
  backgroundColor: config.backgroundColor ?? "#ffffff",
  borderStyle: config.borderStyle ?? "black",
  list: config.list.map(({ pagePath, text, iconPath, selectedIconPath }) => ({
    pagePath,
    text,
    ...(iconPath && { iconUrl: assetUrl(iconPath) }),
    ...(selectedIconPath && { selectedIconUrl: assetUrl(selectedIconPath) }),
  })),
});
