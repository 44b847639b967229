/** What the compiler hands to the phone: the argument of `wechatSimulatorApp(…)` in `app.js`. */

import type { template } from "glass-easel";

export type WindowConfig = {
  navigationBarBackgroundColor?: string;
  navigationBarTextStyle?: "black" | "white";
  navigationBarTitleText?: string;
  navigationStyle?: "default" | "custom";
  backgroundColor?: string;
  backgroundTextStyle?: "dark" | "light";
  enablePullDownRefresh?: boolean;
  onReachBottomDistance?: number;
};

export type TabBarConfig = {
  color?: string;
  selectedColor?: string;
  backgroundColor?: string;
  borderStyle?: "black" | "white";
  list: { pagePath: string; text: string; iconPath?: string; selectedIconPath?: string }[];
};

export type AppConfig = {
  pages: string[];
  entryPagePath: string;
  window: WindowConfig;
  tabBar?: TabBarConfig;
  networkTimeout?: Record<string, number>;
  darkmode: boolean;
  /** "v2": the newer look of built-in components. */
  style?: string;
  /** Values of the names written as `@name` in colours, for each theme. */
  themes: { light: Record<string, string>; dark: Record<string, string> };
};

/** A page or a component of the mini program. */
export type CompiledUnit = {
  page: boolean;
  config: WindowConfig;
  using: Record<string, string>;
  /** Prefix of the component's class names; a page has none. */
  scope: string;
  /** Also styles of app.wxss and of the page reach into the component. */
  shared: boolean;
};

export type CompiledApp = {
  config: AppConfig;
  units: Record<string, CompiledUnit>;
  templates: Record<string, template.ComponentTemplate["content"]>;
  /** Each runs one script once: `app`, and the units by path. */
  scripts: Record<string, () => unknown>;
};
