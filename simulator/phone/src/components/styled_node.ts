/** Parts a component draws itself, dressed with classes and styles the page gives (`placeholder-class`, …). */

import type { BuiltInElement } from "../host/built_in";

export type StyledNode = {
  element: HTMLElement;
  setClass(names: string): void;
  setStyle(css: string): void;
  onTap(listener: () => void): void;
};

/** Made by the page's own template, so that its classes mean what they mean there: a component has its own. */
export function styledNode(self: BuiltInElement, tag: string): StyledNode {
  const root = self.component.ownerShadowRoot;
  if (!root) throw new Error(`<${self.tag}> stands in no template`);
  const node = root.createNativeNode(tag);
  const element = node.getBackendElement() as unknown as HTMLElement;
  return {
    element,
    setClass: (names) => node.setNodeClass(names),
    setStyle: (css) => element.setAttribute("style", css),
    onTap: (listener) => node.addListener("tap", listener),
  };
}
