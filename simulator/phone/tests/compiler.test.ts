// @vitest-environment node

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

type Problem = { path: string; line: number; column: number; message: string };
type Compiled = { problems: Problem[]; report: { pages: number; bytes: number } | null };
type Compiler = {
  compile(
    folder: string,
    out: string,
    options?: { tags?: string[]; dev?: boolean },
  ): Promise<Compiled>;
};

const HERE = import.meta.dirname;
const TAGS = ["view", "text", "button", "input", "image"];
const { compile }: Compiler = await import(
  join(HERE, "../../wechat_simulator/phone/compiler/compiling.mjs")
);

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "compiler-"));
});
afterEach(() => rmSync(work, { recursive: true }));

/** The small mini program with some files changed; `null` takes a file away. */
async function compileWith(changes: Record<string, string | null>): Promise<string[]> {
  const folder = join(work, "app");
  cpSync(join(HERE, "fixtures/small"), folder, { recursive: true });
  for (const [path, text] of Object.entries(changes)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (text === null) rmSync(join(folder, path));
    else writeFileSync(join(folder, path), text);
  }
  const { problems } = await compile(folder, out(), {
    tags: ["view", "text", "button", "input", "image"],
  });
  return problems.map(
    ({ path, line, column, message }) =>
      `${path.replace(`${folder}/`, "")}:${line}:${column}: ${message}`,
  );
}

const out = (): string => join(work, "out");
const written = (name: string): string => readFileSync(join(out(), name), "utf8");
const HOME = "pages/home/home";

describe("a sound mini program", () => {
  test("compiles to a script, a style sheet and a report", async () => {
    expect(await compileWith({})).toEqual([]);
    expect(JSON.parse(written("report.json"))).toMatchObject({ pages: 2, warnings: [] });
    expect(written("app.js")).toContain("wechatSimulatorApp(");
  });

  test("gives the same bytes each time, wherever it lies", async () => {
    await compileWith({});
    const first = ["app.js", "app.css"].map(written);
    const elsewhere = join(work, "quite/somewhere/else");
    cpSync(join(HERE, "fixtures/small"), elsewhere, { recursive: true });
    await compile(elsewhere, out(), { tags: TAGS });
    expect(["app.js", "app.css"].map(written)).toEqual(first);
  });

  test("names no path of the machine it was compiled on", async () => {
    await compileWith({});
    expect(written("app.js") + written("app.css")).not.toContain(work);
  });
});

describe("broken input is refused, with its place", () => {
  test.each<[string, Record<string, string | null>, RegExp]>([
    [
      "unclosed WXML",
      { [`${HOME}.wxml`]: "<view>\n  <text>a</view>" },
      /home\.wxml:2:\d+: .*end tag/,
    ],
    [
      "a stray wx:elif",
      { [`${HOME}.wxml`]: '<view />\n<view wx:elif="{{a}}" />' },
      /home\.wxml:2:7: /,
    ],
    [
      "an attribute twice",
      { [`${HOME}.wxml`]: '<view id="a" id="b" />' },
      /home\.wxml:1:14: .*duplicated/,
    ],
    ["a wrong expression", { [`${HOME}.wxml`]: "<view>{{ a + }}</view>" }, /home\.wxml:1:\d+: /],
    [
      "an unknown tag",
      { [`${HOME}.wxml`]: "<view>\n  <map />\n</view>" },
      /home\.wxml:2:4: .*does not have <map>/,
    ],
    [
      "a picture that is not there",
      { [`${HOME}.wxml`]: '<image src="/a.png" />' },
      /home\.wxml:1:8: .*a\.png/,
    ],
    [
      "an include that is not there",
      { [`${HOME}.wxml`]: '<view />\n<include src="./x.wxml" />' },
      /home\.wxml:2:10: /,
    ],
    [
      "a wxs file that is not there",
      { [`${HOME}.wxml`]: '<wxs module="m" src="./x.wxs" />' },
      /home\.wxml:1:17: /,
    ],
    ["wxs that is no ES5", { "pages/home/say.wxs": "const a = 1;" }, /say\.wxs:1:1: /],
    [
      "unclosed WXSS",
      { [`${HOME}.wxss`]: ".a {\n  color: red;\n" },
      /home\.wxss:1:1: .*Unclosed block/,
    ],
    [
      "a misspelt property",
      { [`${HOME}.wxss`]: ".a {\n  colr: red;\n}" },
      /home\.wxss:2:3: .*colr/,
    ],
    [
      "a local picture in WXSS",
      { [`${HOME}.wxss`]: ".a { background: url(/a.png) }" },
      /home\.wxss:1:6: /,
    ],
    [
      "an import of styles that are not there",
      { [`${HOME}.wxss`]: '\n@import "./x.wxss";' },
      /home\.wxss:2:1: /,
    ],
    [
      "styles that import themselves",
      { [`${HOME}.wxss`]: '@import "./home.wxss";' },
      /home\.wxss:1:1: /,
    ],
    [
      "a tag in a component's WXSS",
      { "components/counter/counter.wxss": "view { color: red }" },
      /counter\.wxss:1:1: /,
    ],
    ["a comment in JSON", { [`${HOME}.json`]: "{\n  // a\n}" }, /home\.json:2:3: /],
    ["a trailing comma in JSON", { [`${HOME}.json`]: '{\n  "a": 1,\n}' }, /home\.json:2:9: /],
    ["a key written twice", { [`${HOME}.json`]: '{\n  "a": 1,\n  "a": 2\n}' }, /home\.json:3:3: /],
    [
      "a page config of a wrong type",
      { [`${HOME}.json`]: '{\n  "navigationBarTitleText": 1\n}' },
      /home\.json:2:3: /,
    ],
    [
      "a component that is not there",
      { [`${HOME}.json`]: '{ "usingComponents":\n { "x": "./x" } }' },
      /home\.json:2:4: /,
    ],
    [
      "a component without `component`",
      { "components/counter/counter.json": "{}" },
      /counter\.json:1:1: /,
    ],
    [
      "a page that is not there",
      { "pages/second/second.wxml": null },
      /second\.wxml:1:1: .*no such file/,
    ],
    ["a page without script", { "pages/second/second.js": null }, /second\.js:1:1: .*no such file/],
    ["no pages", { "app.json": '{ "pages": [] }' }, /app\.json:1:3: /],
    ["no app.json", { "app.json": null }, /app\.json:1:1: .*no such file/],
    ["no app script", { "app.ts": null }, /app\.js:1:1: .*no such file/],
    [
      "a syntax error in TypeScript",
      { [`${HOME}.ts`]: "Page({\n  data: {,\n});" },
      /home\.ts:2:10: /,
    ],
    [
      "a module that is not there",
      { [`${HOME}.ts`]: '\nimport "../../nothing";' },
      /home\.ts:2:8: .*nothing/,
    ],
    [
      "a plugin",
      { "app.json": '{\n  "pages": ["pages/home/home"],\n  "plugins": { "a": {} }\n}' },
      /app\.json:3:3: /,
    ],
    [
      "a tab bar of one",
      { "app.json": '{ "pages": ["pages/home/home"], "tabBar": { "list": [{}] } }' },
      /app\.json:1:33: /,
    ],
  ])("%s", async (_, changes, expected) => {
    expect(await compileWith(changes)).toContainEqual(expect.stringMatching(expected));
    expect(existsSync(join(out(), "app.js"))).toBe(false);
  });
});

describe("styles", () => {
  const css = async (changes: Record<string, string>): Promise<string> => {
    expect(await compileWith(changes)).toEqual([]);
    return written("app.css");
  };

  test("of a page reach no other page, and weigh no more than they were written", async () => {
    const text = await css({
      [`${HOME}.wxss`]: ".mine { color: red } page { color: blue } :root .x { color: red }",
    });
    expect(text).toContain(':where(wx-page[data-page="pages/home/home"]) .mine{color:red}');
    expect(text).toContain('wx-page:where([data-page="pages/home/home"]){color:#00f}');
    expect(text).toContain('wx-page:where([data-page="pages/home/home"]) .x{color:red}');
  });

  test("of a component bear its own prefix", async () => {
    const text = await css({
      "components/counter/counter.wxss": ":host { color: red } .a.b { color: red }",
    });
    expect(text).toMatch(/\[wx-host=s\w{7}\],?.*\.(s\w{7})--a\.\1--b/s);
  });

  test("turn rpx and vh, also where they are negative or broken", async () => {
    const text = await css({
      "app.wxss": ".a { margin: -7.5rpx 1rpx; height: 100vh; content: '1rpx' }",
    });
    expect(text).toContain("margin:-1vw calc(1 * 100vw / 750)");
    expect(text).toContain('content:"1rpx"');
    expect(text).toContain("100cqh");
  });

  test("for the dark follow the phone's own switch, beside what else a query asks", async () => {
    const text = await css({
      "app.wxss":
        "@media (prefers-color-scheme: dark) and (min-width: 300px) { .a { color: red } } @media (prefers-color-scheme: light) { .b { color: red } }",
    });
    expect(text).toContain(
      "@media(min-width:300px){:where([data-theme=dark] wx-page) .a{color:red}}",
    );
    expect(text).toContain(":where([data-theme=light] wx-page) .b{color:red}");
  });

  test("import others, from beside them and from the root", async () => {
    const text = await css({
      "app.wxss": '@import "/styles/a.wxss";',
      "styles/a.wxss": '@import "./b.wxss"; .a { color: red }',
      "styles/b.wxss": ".b { color: red }",
    });
    expect(text).toMatch(/\.b\{color:red\}.*\.a\{color:red\}/);
  });

  test("turn tags into those of the phone, but not the steps of an animation", async () => {
    const text = await css({
      "app.wxss": "view > text.a { color: red } @keyframes k { from { opacity: 0 } }",
    });
    expect(text).toContain("wx-view>wx-text.a");
    expect(text).toContain("0%{opacity:0}");
  });
});

describe("what is found where", () => {
  test("sub-packages are part of the whole", async () => {
    const changes = {
      "app.json":
        '{ "pages": ["pages/home/home"], "subPackages": [{ "root": "more", "pages": ["a/a"] }] }',
      "more/a/a.wxml": "<view />",
      "more/a/a.js": "Page({})",
    };
    expect(await compileWith(changes)).toEqual([]);
    expect(JSON.parse(written("report.json"))).toMatchObject({ pages: 2 });
  });

  test("packages of npm: packed ones before installed ones, `miniprogram` before `main`", async () => {
    const home = (name: string) => ({
      [`${HOME}.ts`]: `import { who } from "${name}"; Page({ data: { who } })`,
    });
    const installed = {
      "node_modules/some/package.json": '{ "main": "lib/main.js", "miniprogram": "mini" }',
      "node_modules/some/mini/index.js": "exports.who = 'mini'",
      "node_modules/some/lib/main.js": "exports.who = 'main'",
      "node_modules/@a/plain/package.json": '{ "main": "lib/main.js" }',
      "node_modules/@a/plain/lib/main.js": "exports.who = require('./part').who",
      "node_modules/@a/plain/lib/part.js": "exports.who = 'plain'",
    };
    expect(await compileWith({ ...installed, ...home("some") })).toEqual([]);
    expect(written("app.js")).toContain('"mini"');
    expect(await compileWith({ ...installed, ...home("@a/plain") })).toEqual([]);
    expect(written("app.js")).toContain('"plain"');
    const packed = { "miniprogram_npm/some/index.js": "exports.who = 'packed'" };
    expect(await compileWith({ ...installed, ...packed, ...home("some") })).toEqual([]);
    expect(written("app.js")).toContain('"packed"');
  });

  test("components of a package", async () => {
    const changes = {
      [`${HOME}.json`]: '{ "usingComponents": { "counter": "some/chip/index" } }',
      "node_modules/some/package.json": '{ "miniprogram": "mini" }',
      "node_modules/some/mini/chip/index.json": '{ "component": true }',
      "node_modules/some/mini/chip/index.wxml": "<view>chip</view>",
      "node_modules/some/mini/chip/index.wxss": ".chip { color: red }",
      "node_modules/some/mini/chip/index.js": "Component({})",
    };
    expect(await compileWith(changes)).toEqual([]);
    expect(written("app.css")).toContain("--chip{color:red}");
  });

  test("`miniprogramRoot` of project.config.json", async () => {
    cpSync(join(HERE, "fixtures/small"), join(work, "whole/mini"), { recursive: true });
    writeFileSync(join(work, "whole/project.config.json"), '{ "miniprogramRoot": "mini/" }');
    const { problems } = await compile(join(work, "whole"), out());
    expect(problems).toEqual([]);
  });

  test("pictures of the package, and none of what is not shipped", async () => {
    const changes = {
      "images/a.png": "png",
      "node_modules/b/c.png": "png",
      [`${HOME}.wxml`]: '<image src="../../images/a.png" />',
    };
    expect(await compileWith(changes)).toEqual([]);
    expect(existsSync(join(out(), "assets/images/a.png"))).toBe(true);
    expect(existsSync(join(out(), "assets/node_modules"))).toBe(false);
  });
});

test("in development errors tell their places in the sources", async () => {
  cpSync(join(HERE, "fixtures/small"), join(work, "app"), { recursive: true });
  await compile(join(work, "app"), out(), { tags: TAGS, dev: true });
  const [, map = ""] = written("app.js").split("sourceMappingURL=data:application/json;base64,");
  expect(JSON.parse(atob(map)).sources).toContainEqual(expect.stringContaining("home.ts"));
});

test("code that leans on a browser finds none, as in WeChat", async () => {
  await compileWith({
    [`${HOME}.ts`]: "Page({ data: { kind: typeof document, size: typeof window } })",
  });
  expect(written("app.js")).not.toMatch(/typeof (document|window)/);
});
