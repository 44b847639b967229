/**
 * Builds the phone into the simulator's package: node build.mjs [--check]
 *
 * With --check nothing is written; it fails where the files in the package are not what the sources give.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "../wechat_simulator/phone/static");
const require = createRequire(import.meta.url);

const SHARED = {
  absWorkingDir: here,
  bundle: true,
  write: false,
  minify: true,
  charset: "utf8",
  legalComments: "none",
  target: ["chrome109", "safari16", "firefox115"],
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
  logOverride: { "empty-glob": "silent" },
};

const bundle = async (options) => (await build({ ...SHARED, ...options })).outputFiles[0].text;

const script = () =>
  bundle({
    entryPoints: [join(source, "main.ts")],
    format: "iife",
    tsconfig: join(here, "tsconfig.json"),
  });

/** Sheets in the order in which they overrule one another. */
function sheets() {
  const paths = ["host", "components", "shell"].flatMap((folder) =>
    readdirSync(join(source, folder))
      .filter((name) => name.endsWith(".css"))
      .sort()
      .map((name) => `./${folder}/${name}`),
  );
  const contents = paths.map((path) => `@import ${JSON.stringify(path)};`).join("\n");
  return bundle({ stdin: { contents, resolveDir: source, loader: "css" } });
}

/** What the compiler lets a template use is what the phone has. */
async function tags() {
  const text = await bundle({ entryPoints: [join(source, "components/index.ts")], format: "esm" });
  const module = await import(
    `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`
  );
  return `${JSON.stringify(module.builtIns.map(({ tag }) => tag).sort(), null, 2)}\n`;
}

function notices() {
  const packages = [
    "glass-easel",
    "glass-easel-miniprogram-adapter",
    "glass-easel-template-compiler",
  ];
  const texts = packages.map((name) => {
    const folder = dirname(require.resolve(`${name}/package.json`));
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const license = readFileSync(join(folder, "LICENSE"), "utf8").trim();
    return `${name} ${version}\n\n${license}\n`;
  });
  return `phone.js, and every app.js the compiler writes, contain parts of:\n\n${texts.join("\n")}`;
}

const files = {
  "phone.html": readFileSync(join(source, "phone.html"), "utf8"),
  "phone.js": await script(),
  "phone.css": await sheets(),
  "tags.json": await tags(),
  "NOTICES.txt": notices(),
};

if (process.argv.includes("--check")) {
  const stale = Object.keys(files).filter((name) => current(name) !== files[name]);
  if (stale.length > 0) {
    console.error(`不是最新的构建 (not built from these sources): ${stale.join(", ")}`);
    process.exit(1);
  }
} else {
  mkdirSync(target, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(target, name), text);
}

function current(name) {
  try {
    return readFileSync(join(target, name), "utf8");
  } catch {
    return undefined;
  }
}
