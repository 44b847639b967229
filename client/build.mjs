// Builds what is published (miniprogram_dist/, types/) and the copy-paste edition (copy-paste/).
// With `--check` it writes nothing, and fails where copy-paste/ is not what the sources say.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const LIMIT = 5 * 1024;
const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

const HEAD = `/*! wxlogin ${version}: 微信小程序登录 login for WeChat Mini Programs. Apache-2.0.
 *
 * 复制到小程序里即可使用，不需要 npm：
 * Copy into a mini program and use, no npm needed:
 *
 *   const { createAuth } = require("./wxlogin");
 *   const auth = createAuth({ baseURL: "https://login.example.com" });
 *   auth.request({ url: "/orders" }).then((answer) => console.log(answer.data));
 */
`;

/** The modules that users see, in the order in which they read best. */
const FACE = ["auth", "types", "errors", "privacy", "wx"];

/** Fields of `App` (src/app.ts) and what else only the SDK's own functions hand to one another:
 * nothing that is stored, sent or seen by an app may have one of these names. */
const INTERNAL =
  /^(kept|flight|door|cooling|why|codes|sealed|isUrgent|checking|queue|turn|listeners|place|base|options|ownAppId|lastTicket)$/;

async function script(entry, { minify }) {
  const built = await build({
    absWorkingDir: here,
    bundle: true,
    charset: "utf8",
    entryPoints: [`src/${entry}.ts`],
    format: "cjs",
    mangleProps: minify ? INTERNAL : undefined,
    minify,
    target: "es2017",
    tsconfigRaw: {},
    write: false,
  });
  return built.outputFiles[0].text;
}

/** The declarations as files that stand alone, without the imports that tie the modules together. */
function declarations() {
  const out = mkdtempSync(join(tmpdir(), "wxlogin-types-"));
  try {
    const args = ["tsc", "-p", "tsconfig.build.json", "--outDir", out];
    execFileSync("npx", args, { cwd: here, stdio: ["ignore", "inherit", "ignore"] });
    const read = (name) => readFileSync(join(out, `${name}.d.ts`), "utf8");
    const untied = (text) => text.replace(/^(import .*|export \{\});\n/gm, "");
    return {
      index: `${FACE.map((name) => untied(read(name))).join("")}export {};\n`,
      uni: read("adapters/uni").replace("../wx", "./index"),
      taro: read("adapters/taro").replace("../wx", "./index"),
    };
  } finally {
    rmSync(out, { recursive: true });
  }
}

function write(files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(here, path)), { recursive: true });
    writeFileSync(join(here, path), text);
  }
}

const scripts = {
  index: await script("bundle", { minify: true }),
  uni: await script("adapters/uni", { minify: true }),
  taro: await script("adapters/taro", { minify: true }),
};
const types = declarations();
const copies = {
  "copy-paste/wxlogin.js": HEAD + (await script("bundle", { minify: false })),
  "copy-paste/wxlogin.d.ts": HEAD + types.index,
};

if (process.argv.includes("--check")) {
  for (const [path, text] of Object.entries(copies)) {
    const file = join(here, path);
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
      console.error(`client/${path} is not what the sources say: npm run build -w client`);
      process.exitCode = 1;
    }
  }
} else {
  write(copies);
  for (const name of Object.keys(scripts)) {
    write({ [`miniprogram_dist/${name}.js`]: scripts[name], [`types/${name}.d.ts`]: types[name] });
  }
}

for (const [name, text] of Object.entries(scripts)) {
  const zipped = gzipSync(text, { level: 9 }).length;
  console.log(`${name}.js ${Buffer.byteLength(text)} bytes, ${zipped} gzipped`);
  if (zipped > LIMIT) {
    console.error(`${name}.js is larger than ${LIMIT} bytes gzipped`);
    process.exitCode = 1;
  }
}
