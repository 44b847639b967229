import type { BuiltIn } from "../host/built_in";
import { decodeEntities, keepSpaces } from "./entities";
import { flag, number, string } from "./properties";
import { reachable } from "./view";

export const text: BuiltIn = {
  tag: "text",
  properties: {
    userSelect: flag(false, { attribute: "user-select" }),
    selectable: flag(false, { attribute: "selectable" }),
    space: string(),
    decode: flag(),
    overflow: string("visible", { attribute: "overflow" }),
    maxLines: number(),
  },
  mount(self) {
    const written = new WeakMap<Node, string>();
    const rewrite = (): void => {
      const isDecoded = Boolean(self.get("decode"));
      const space = String(self.get("space"));
      if (!isDecoded && !space) return;
      for (const node of textsIn(self.element)) {
        // Our own writing is heard as a change, too: what is decoded must not be decoded once more.
        if (written.get(node) === node.data) continue;
        const decoded = isDecoded ? decodeEntities(node.data) : node.data;
        const shown = keepSpaces(decoded, space);
        written.set(node, shown);
        if (node.data !== shown) node.data = shown;
      }
    };
    new MutationObserver(rewrite).observe(self.element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return { changed: { ...reachable(self), decode: rewrite, space: rewrite } };
  },
};

function* textsIn(element: HTMLElement): Generator<Text> {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) yield node as Text;
}
