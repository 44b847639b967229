import type { BuiltIn, BuiltInElement } from "../host/built_in";
import { toCssUnits } from "../host/units";
import { decodeEntities, keepSpaces } from "./entities";
import { parseHtml, type RichNode } from "./html";
import { anything, flag, string } from "./properties";

const TAGS = new Set(
  (
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt " +
    "em fieldset font footer h1 h2 h3 h4 h5 h6 header hr i img ins label legend li mark nav ol p pre q rt ruby s " +
    "section small span strong sub sup table tbody td tfoot th thead tr tt u ul"
  ).split(" "),
);

/** Beside `class` and `style`. Neither `href` nor anything that runs. */
const ATTRIBUTES: Record<string, string[]> = {
  bdo: ["dir"],
  col: ["span", "width"],
  colgroup: ["span", "width"],
  font: ["color", "face", "size"],
  img: ["alt", "height", "width"],
  ol: ["start", "type"],
  table: ["width"],
  td: ["colspan", "height", "rowspan", "width"],
  th: ["colspan", "height", "rowspan", "width"],
};

/** Never shown, and neither is what stands within. */
const HIDDEN = new Set(["script", "style", "template", "iframe", "object"]);

export const richText: BuiltIn = {
  tag: "rich-text",
  content: "none",
  properties: {
    nodes: anything([]),
    space: string(),
    userSelect: flag(false, { attribute: "user-select" }),
    mode: string("default"),
  },
  mount(self) {
    const draw = (): void => {
      const nodes = self.get("nodes");
      const list = typeof nodes === "string" ? parseHtml(nodes) : Array.isArray(nodes) ? nodes : [];
      self.element.replaceChildren(...list.map((node) => drawn(node as RichNode, self)));
    };
    return { changed: { nodes: draw, space: draw } };
  },
};

function drawn(node: RichNode, self: BuiltInElement): Node {
  const name = String(node.name ?? "").toLowerCase();
  if (node.type === "text" || !name) {
    return document.createTextNode(
      keepSpaces(decodeEntities(String(node.text ?? "")), String(self.get("space"))),
    );
  }
  const nothing = document.createDocumentFragment();
  if (HIDDEN.has(name)) return nothing;
  const children = Array.isArray(node.children) ? node.children : [];
  const made = TAGS.has(name) ? document.createElement(name) : nothing;
  made.append(...children.map((child) => drawn(child, self)));
  if (made instanceof HTMLElement) dress(made, node.attrs ?? {}, self);
  return made;
}

function dress(
  element: HTMLElement,
  attributes: Record<string, unknown>,
  self: BuiltInElement,
): void {
  const { class: names, style, src } = attributes;
  if (names) element.className = String(names);
  // Not as an attribute: the page's policy refuses it.
  if (style) element.style.cssText = toCssUnits(String(style));
  const tag = element.tagName.toLowerCase();
  if (tag === "img" && src) element.setAttribute("src", self.image(String(src)));
  for (const name of ATTRIBUTES[tag] ?? []) {
    const value = attributes[name];
    if (value !== undefined) element.setAttribute(name, String(value));
  }
}
