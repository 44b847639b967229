/**
 * WXSS to CSS.
 *
 * Styles of the app reach all pages, those of a page only that page, those of a component only its own classes. What
 * is added for that stands within `:where()`, so no rule weighs more than it was written.
 */

import { transformSync } from "esbuild";
import postcss from "postcss";
import { turnSelector } from "./selectors.mjs";
import { themesOf } from "./themes.mjs";
import { toCssUnits } from "./units.mjs";

/** A sheet is `{path, kind: "app" | "page" | "component", scope}`. */
export function compileStyles(sheets, { files, problems }) {
  const css = sheets
    .filter(({ path }) => files.has(`${path}.wxss`))
    .map((sheet) => compileSheet(sheet, { files, problems }))
    .join("\n");
  if (problems.any) return "";
  return transformSync(css, { loader: "css", minify: true, charset: "utf8", logLevel: "silent" })
    .code;
}

function compileSheet(sheet, context) {
  const file = `${sheet.path}.wxss`;
  const root = readSheet(file, [], context);
  const tell = (node, message) => {
    const { source } = node;
    context.problems.add(
      source?.input?.id ?? source?.input?.from ?? context.files.show(file),
      source?.start,
      message,
    );
  };
  renameAnimations(root, sheet);
  turnThemes(root);
  root.walkDecls((declaration) => {
    declaration.value = toCssUnits(declaration.value);
    checkUrls(declaration, tell);
  });
  root.walkRules((rule) => {
    if (rule.parent.type === "atrule" && /keyframes$/i.test(rule.parent.name)) return;
    rule.selectors = rule.selectors.map((each) => turnSelector(each, rule, sheet, tell));
  });
  return root.toString();
}

/** Parses a sheet with all its imports put in their places. */
function readSheet(file, above, context) {
  const { files, problems } = context;
  const shown = files.show(file);
  const text = files.read(file);
  checkCss(text, shown, problems);
  let root;
  try {
    root = postcss.parse(text, { from: shown });
  } catch (error) {
    if (!(error instanceof postcss.CssSyntaxError)) throw error;
    problems.add(shown, error, `WXSS 错误 (wrong WXSS): ${error.reason}`);
    return postcss.root();
  }
  root.walk((node) => {
    if (node.source) node.source.input.id = shown;
  });
  root.walkAtRules("import", (rule) => {
    const named = /^(["'])(.+)\1$/.exec(rule.params.trim())?.[2];
    const wanted = named && files.join(file, named);
    if (!wanted || !files.has(wanted) || above.includes(wanted) || wanted === file) {
      problems.add(shown, rule.source.start, `无法引入样式 (cannot import styles): ${rule.params}`);
      rule.remove();
    } else {
      rule.replaceWith(readSheet(wanted, [...above, file], context).nodes);
    }
  });
  return root;
}

/** What postcss lets pass: misspelt properties, values cut short. */
function checkCss(text, shown, problems) {
  const { warnings } = transformSync(text, { loader: "css", logLevel: "silent" });
  for (const { id, text: message, location } of warnings) {
    if (id === "css-syntax-error" || id === "unsupported-css-property") {
      const at = location && { line: location.line, column: location.column + 1 };
      problems.add(shown, at, `WXSS 错误 (wrong WXSS): ${message}`);
    }
  }
}

function checkUrls(declaration, tell) {
  for (const [, , url] of declaration.value.matchAll(/url\(\s*(["']?)(.*?)\1\s*\)/g)) {
    if (/^(data:|https?:|\/\/)/i.test(url)) continue;
    tell(
      declaration,
      `WXSS 不能使用本地图片，请用 <image>、base64 或网络图片 (WXSS cannot use local pictures): ${url}`,
    );
  }
}

/** Names of keyframes are known in the whole document: each sheet gets its own. */
function renameAnimations(root, { kind, scope }) {
  if (kind === "app") return;
  const names = new Set();
  root.walkAtRules(/keyframes$/i, (rule) => {
    names.add(rule.params);
    rule.params = `${scope}--${rule.params}`;
  });
  if (names.size === 0) return;
  root.walkDecls(/^(-webkit-)?animation(-name)?$/i, (declaration) => {
    declaration.value = declaration.value.replace(/[\w-]+/g, (word) =>
      names.has(word) ? `${scope}--${word}` : word,
    );
  });
}

/** The phone has its own switch for the dark: rules in `@media (prefers-color-scheme: …)` follow that. */
function turnThemes(root) {
  root.walkAtRules("media", (media) => {
    const { themes, rest } = themesOf(media.params);
    if (!themes) return;
    media.walkRules((rule) => {
      rule.theme = themes;
    });
    if (rest) media.params = rest;
    else media.replaceWith(media.nodes);
  });
}
