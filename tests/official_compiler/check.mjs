// WeChat's own compiler, offline, on the pages of miniprogram/ with the package of client/ in them
// as npm would bring it.
//
//     npm ci && node check.mjs
//
// miniprogram-ci asks WeChat for two things before it compiles: the project's attributes, and which
// file endings may be uploaded. It exports both as defaults, which stand in for the answers here.
// That is not documented: the version is pinned, and a look-up of any host fails the check.

import { execFileSync } from "node:child_process";
import dns from "node:dns";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = new URL("../..", import.meta.url).pathname;
const LEFT_OUT = /(^|\/)(node_modules|miniprogram_npm|tests|coverage)$/;

const folder = mkdtempSync(join(tmpdir(), "official-compiler-"));
process.chdir(folder); // the compiler leaves its caches where it is started
const lookUps = forbidLookUps();
const require = createRequire(import.meta.url);
const ci = require("miniprogram-ci");
standIn();

try {
  await check();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(); // the compiler's worker processes would keep this one alive

async function check() {
  const project = await stage("pages");
  const size = await compile(project);
  console.log(`official compiler: the pages and the package pass, ${size} bytes to upload`);
  await refuses("an unclosed tag", (at) => {
    const path = join(at, "pages/home/home.wxml");
    writeFileSync(path, `${readFileSync(path, "utf8")}\n<view><text></view>`);
  });
  await refuses("a page that is missing", (at) => {
    const path = join(at, "app.json");
    const app = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...app, pages: [...app.pages, "pages/nowhere/nowhere"] }));
  });
  await refuses("a component that is missing", (at) => {
    const path = join(at, "pages/home/home.json");
    const page = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...page, usingComponents: { nothing: "/nowhere" } }));
  });
  await refuses("a script that is none", (at) => {
    writeFileSync(join(at, "pages/home/home.ts"), "Page({ data: { ");
  });
  if (lookUps.length > 0) throw new Error(`looked up ${lookUps.join(", ")}`);
}

/** The pages as a developer has them: `npm install`, then 工具 → 构建 npm. */
async function stage(name) {
  const at = join(folder, name);
  cpSync(join(ROOT, "miniprogram"), at, {
    recursive: true,
    filter: (path) => !LEFT_OUT.test(path),
  });
  const packed = join(folder, "package");
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: join(ROOT, "client"),
  });
  execFileSync("tar", ["-xzf", join(folder, "wxlogin-0.1.0.tgz"), "-C", folder]);
  cpSync(packed, join(at, "node_modules/wxlogin"), { recursive: true });
  const result = await ci.packNpmManually({
    packageJsonPath: join(at, "package.json"),
    miniprogramNpmDistDir: at,
  });
  if (result.miniProgramPackNum !== 1) throw new Error(`npm: ${JSON.stringify(result)}`);
  return at;
}

/** The bytes that would be uploaded. */
async function compile(at) {
  const project = new ci.Project({
    appid: "wx0000000000000000",
    type: "miniProgram",
    projectPath: at,
    privateKey: "unused",
    ignores: ["node_modules/**/*"],
  });
  project.attr = async () => ci.DefaultProjectAttr;
  const out = `${at}.zip`;
  await ci.getCompiledResult({ project, version: "0.1.0", setting: settingOf(at) }, out);
  return statSync(out).size;
}

function settingOf(at) {
  return JSON.parse(readFileSync(join(at, "project.config.json"), "utf8")).setting;
}

/** A check that cannot fail is none. */
async function refuses(what, damage) {
  const at = await stage(`broken-${what.replaceAll(" ", "-")}`);
  damage(at);
  try {
    await compile(at);
  } catch (error) {
    console.log(
      `official compiler: refuses ${what}: ${String(error.message ?? error).split("\n")[0]}`,
    );
    return;
  }
  throw new Error(`the official compiler accepted ${what}`);
}

function forbidLookUps() {
  const asked = [];
  dns.lookup = (host, options, tell) => {
    asked.push(host);
    (tell ?? options)(Object.assign(new Error(`offline: ${host}`), { code: "ENOTFOUND" }));
  };
  return asked;
}

function standIn() {
  const list = require("miniprogram-ci/dist/utils/white_ext_list.js");
  list.getWhiteExtList = async () => ({
    MiniProgramWhiteList: new Set(list.MiniProgramWhiteList),
    GameWhiteList: new Set(list.GameWhiteList),
  });
}
