/** All scripts of a mini program in one file: TypeScript or JavaScript, modules of either kind. */

import { build } from "esbuild";

/** What a browser has and WeChat has not: code that leans on it must fail here too. */
const BROWSER_ONLY = [
  "window",
  "document",
  "fetch",
  "localStorage",
  "sessionStorage",
  "XMLHttpRequest",
  "navigator",
  "location",
  "history",
  "WebSocket",
  "FormData",
  "alert",
];

/** `app.js`, which hands the whole mini program to the phone. */
export async function compileScripts({ config, units, templates }, { files, problems, dev }) {
  const paths = ["app", ...Object.keys(units)].filter((path) => files.script(path));
  if (!files.script("app")) problems.add(files.show("app.js"), null, "找不到文件 (no such file)");
  const scripts = paths.map(
    (path) => `${JSON.stringify(path)}: () => require(${JSON.stringify(`unit:${path}`)})`,
  );
  const contents = `globalThis.wechatSimulatorApp({
    config: ${JSON.stringify(config)},
    units: ${JSON.stringify(units)},
    templates: ${templates},
    scripts: { ${scripts.join(",\n")} },
  });`;
  const result = await build({
    stdin: { contents, resolveDir: files.root, sourcefile: "mini-program-entry.js" },
    absWorkingDir: files.root,
    bundle: true,
    write: false,
    minify: !dev,
    sourcemap: dev ? "inline" : false,
    charset: "utf8",
    legalComments: "none",
    format: "iife",
    target: "es2018",
    logLevel: "silent",
    tsconfigRaw: "{}",
    define: {
      "process.env.NODE_ENV": '"production"',
      ...Object.fromEntries(BROWSER_ONLY.map((name) => [name, "undefined"])),
    },
    plugins: [resolving(files)],
  }).catch((error) => {
    if (!error.errors) throw error;
    return error;
  });
  for (const { text, location } of [...(result.errors ?? []), ...(result.warnings ?? [])]) {
    const at = location && { line: location.line, column: location.column + 1 };
    const path = location ? files.show(location.file) : files.show("app.js");
    problems.add(path, at, `脚本错误 (wrong script): ${text}`);
  }
  return result.outputFiles?.[0]?.text ?? "";
}

const resolving = (files) => ({
  name: "mini-program-modules",
  setup(build) {
    build.onResolve({ filter: /^unit:/ }, ({ path }) => ({
      path: files.real(files.script(path.slice("unit:".length))),
    }));
    build.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point") return undefined;
      const found = files.module(files.pathOf(importer), path);
      if (found) return { path: found };
      return { errors: [{ text: `找不到模块 (no such module): ${path}` }] };
    });
  },
});
