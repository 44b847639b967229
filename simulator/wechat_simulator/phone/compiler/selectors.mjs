/** Selectors of WXSS: tags are those of the phone, and what a sheet may not reach is out of its reach. */

import selectorParser from "postcss-selector-parser";

/** What a rule of WXSS selects, where `sheet` may reach. */
export function turnSelector(selector, rule, sheet, tell) {
  const dark = rule.theme ? `[data-theme="${rule.theme}"]` : "";
  const tree = parseSelector(selector, rule, tell);
  const [first] = tree.nodes;
  let startsAtPage = false;
  first.walk((node) => {
    if (sheet.kind === "component") turnWithinComponent(node, sheet, rule, tell);
    else if (node.type === "tag") {
      if (node.value === "page") startsAtPage ||= isInFirstCompound(node, first);
      node.value = `wx-${node.value}`;
    } else if (node.type === "pseudo" && node.value === ":root") {
      startsAtPage ||= isInFirstCompound(node, first);
      node.replaceWith(selectorParser.tag({ value: "wx-page" }));
    }
  });
  const text = tree.toString();
  if (sheet.kind === "component") return dark ? `:where(${dark}) ${text}` : text;
  const page = sheet.kind === "page" ? `[data-page="${sheet.path}"]` : "";
  if (!startsAtPage) return `:where(${dark ? `${dark} ` : ""}wx-page${page}) ${text}`;
  const bound = page ? text.replace(/^wx-page/, `wx-page:where(${page})`) : text;
  return dark ? `:where(${dark}) ${bound}` : bound;
}

function parseSelector(selector, rule, tell) {
  try {
    return selectorParser().astSync(selector.trim());
  } catch (error) {
    tell(rule, `选择器错误 (wrong selector): ${error.message}`);
    return selectorParser.root({ nodes: [selectorParser.selector({ nodes: [] })] });
  }
}

function turnWithinComponent(node, { scope }, rule, tell) {
  if (node.type === "class") node.value = `${scope}--${node.value}`;
  else if (node.type === "pseudo" && node.value === ":host") {
    node.replaceWith(
      selectorParser.attribute({
        attribute: "wx-host",
        operator: "=",
        value: scope,
        quoteMark: '"',
        raws: {},
      }),
    );
  } else if (["tag", "id", "attribute"].includes(node.type) && node.attribute !== "wx-host") {
    tell(
      rule,
      `组件的 WXSS 只能用类选择器，不能用标签、id、属性选择器 (a component's WXSS may select by class only): ${rule.selector}`,
    );
  }
}

function isInFirstCompound(node, selector) {
  for (const each of selector.nodes) {
    if (each === node) return true;
    if (each.type === "combinator") return false;
  }
  return false;
}
