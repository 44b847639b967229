/** Reads what a mini program consists of: app.json, and from there every page and component. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { Files } from "./files.mjs";
import { parseObject } from "./json.mjs";
import { positionOf } from "./problems.mjs";

/** Abilities of app.json which this phone has not. */
const MISSING = {
  plugins: "插件 (plugins)",
  workers: "多线程 Worker (workers)",
  functionalPages: "插件功能页 (functional pages)",
};

const PAGE_KEYS = [
  "navigationBarBackgroundColor",
  "navigationBarTextStyle",
  "navigationBarTitleText",
  "navigationStyle",
  "backgroundColor",
  "backgroundTextStyle",
  "enablePullDownRefresh",
  "onReachBottomDistance",
];

/** The files of the folder, honouring `miniprogramRoot` of its project.config.json. */
export function openProject(folder, problems) {
  const file = join(folder, "project.config.json");
  if (!existsSync(file)) return new Files(folder, folder);
  const config = parseObject(readFileSync(file, "utf8"), file, problems) ?? {};
  const root = join(folder, config.miniprogramRoot ?? "");
  return new Files(root, root);
}

/** `{config, units}`, as the phone reads them. */
export function readProject(files, problems) {
  const app = readJson("app.json", files, problems);
  if (!app) return undefined;
  const tell = (message, about) =>
    problems.add(files.show("app.json"), placeOf(about, files), message);
  for (const [key, name] of Object.entries(MISSING)) {
    if (app[key]) tell(`模拟手机没有${name}`, `"${key}"`);
  }
  if (app.renderer && app.renderer !== "webview") {
    tell(
      `模拟手机没有 ${app.renderer} 渲染 (this phone does not have ${app.renderer})`,
      '"renderer"',
    );
  }
  const pages = pagesOf(app, tell);
  const units = {};
  const shared = usingOf("app", app, {}, { files, problems, units });
  for (const path of pages) addUnit(path, true, shared, { files, problems, units });
  addUsed(shared, shared, { files, problems, units });
  const config = {
    pages,
    entryPagePath: app.entryPagePath ?? pages[0] ?? "",
    window: pick(app.window, "window", tell),
    ...(app.tabBar && { tabBar: tabBarOf(app.tabBar, pages, files, tell) }),
    ...(app.networkTimeout && { networkTimeout: app.networkTimeout }),
    darkmode: app.darkmode === true,
    ...(app.style === "v2" && { style: "v2" }),
    themes: themesOf(app, files, problems, tell),
  };
  if (!pages.includes(config.entryPagePath)) {
    tell(
      `entryPagePath 不在 pages 里 (not one of the pages): ${config.entryPagePath}`,
      '"entryPagePath"',
    );
  }
  return { config, units: sorted(units) };
}

const placeOf = (about, files) => about && positionOf(files.read("app.json"), about);

function readJson(path, files, problems) {
  if (!files.has(path)) {
    problems.add(files.show(path), null, "找不到文件 (no such file)");
    return undefined;
  }
  return parseObject(files.read(path), files.show(path), problems);
}

/** Pages of the main package and of all sub-packages: here they are one. */
function pagesOf(app, tell) {
  const packages = [{ root: "", pages: app.pages }, ...(app.subPackages ?? app.subpackages ?? [])];
  const pages = [];
  for (const { root, pages: own } of packages) {
    const wrong = !Array.isArray(own) || own.some((each) => typeof each !== "string");
    if (wrong) tell("pages 应为字符串数组 (pages must be an array of strings)", '"pages"');
    else pages.push(...own.map((page) => posix.join(root ?? "", page)));
  }
  if (pages.length === 0) tell("pages 至少要有一项 (there must be a page)", '"pages"');
  return [...new Set(pages)];
}

function tabBarOf(tabBar, pages, files, tell) {
  const { list, custom } = tabBar;
  if (custom)
    tell("模拟手机没有自定义 tabBar (this phone does not have a custom tabBar)", '"custom"');
  if (!Array.isArray(list) || list.length < 2 || list.length > 5) {
    tell("tabBar.list 应有 2 到 5 项 (tabBar.list must have 2 to 5 items)", '"tabBar"');
    return undefined;
  }
  for (const { pagePath, text, iconPath, selectedIconPath } of list) {
    if (!pages.includes(pagePath))
      tell(`tabBar 的页面不在 pages 里 (not one of the pages): ${pagePath}`, '"tabBar"');
    if (!text) tell(`tabBar 缺少 text (text is missing): ${pagePath}`, `"${pagePath}"`);
    for (const icon of [iconPath, selectedIconPath]) {
      if (icon && !files.has(files.join("app", `/${icon}`))) {
        tell(`找不到图片 (no such picture): ${icon}`, icon);
      }
    }
  }
  return tabBar;
}

function themesOf(app, files, problems, tell) {
  if (!app.themeLocation) return { light: {}, dark: {} };
  if (!files.has(app.themeLocation)) {
    tell(`找不到文件 (no such file): ${app.themeLocation}`, '"themeLocation"');
    return { light: {}, dark: {} };
  }
  const { light = {}, dark = {} } = readJson(app.themeLocation, files, problems) ?? {};
  return { light, dark };
}

/** Takes the keys the phone knows, with the types WeChat asks for. */
function pick(config = {}, name, tell) {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    tell(`${name} 应为对象 (must be an object)`, `"${name}"`);
    return {};
  }
  const known = PAGE_KEYS.filter((key) => key in config);
  for (const key of known) {
    const wanted =
      { enablePullDownRefresh: "boolean", onReachBottomDistance: "number" }[key] ?? "string";
    const given = typeof config[key];
    if (given !== wanted)
      tell(`${key} 应为 ${wanted}，现在是 ${given} (must be a ${wanted})`, `"${key}"`);
  }
  return Object.fromEntries(known.map((key) => [key, config[key]]));
}

/** A page or component, and those it uses. */
function addUnit(path, page, shared, context) {
  const { files, problems, units } = context;
  if (units[path]) return;
  const file = `${path}.json`;
  const json = files.has(file) || !page ? readJson(file, files, problems) : {};
  if (!json) return;
  const tell = (message, about) =>
    problems.add(files.show(file), about && positionOf(files.read(file), about), message);
  if (!page && json.component !== true) tell('缺少 "component": true (is missing)');
  if (json.componentGenerics) {
    tell(
      "模拟手机没有抽象节点 (this phone does not have componentGenerics)",
      '"componentGenerics"',
    );
  }
  if (!files.has(`${path}.wxml`))
    problems.add(files.show(`${path}.wxml`), null, "找不到文件 (no such file)");
  if (!files.script(path))
    problems.add(files.show(`${path}.js`), null, "找不到文件 (no such file)");
  const using = usingOf(path, json, shared, context);
  units[path] = {
    page,
    config: page ? pick(json, file, tell) : {},
    using: Object.fromEntries(Object.entries(using).map(([tag, used]) => [tag, `/${used}`])),
    scope: page ? "" : scopeOf(path),
    shared: !page && (json.addGlobalClass === true || /shared/.test(json.styleIsolation ?? "")),
  };
  addUsed(using, shared, context);
}

function addUsed(using, shared, context) {
  for (const used of Object.values(using)) addUnit(used, false, shared, context);
}

/** Tag → path of the component; what cannot be found is a problem. */
function usingOf(path, { usingComponents = {} }, shared, { files, problems }) {
  const file = `${path}.json`;
  const using = { ...shared };
  for (const [tag, named] of Object.entries(usingComponents)) {
    const found = typeof named === "string" && files.component(file, named);
    if (found) using[tag] = found;
    else {
      const at = positionOf(files.read(file), `"${tag}"`);
      problems.add(files.show(file), at, `找不到组件 (no such component): <${tag}> ${named}`);
    }
  }
  return using;
}

/** A short name that stays the same from build to build. */
export const scopeOf = (path) => `s${createHash("sha256").update(path).digest("hex").slice(0, 7)}`;

const sorted = (o) => Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1)));
