/** Where glass-easel draws: the DOM of this page, under the rules of a phone. */

import * as glassEasel from "glass-easel";
import { toCssUnits } from "./units";

type DomDocument = glassEasel.CurrentWindowBackendContext["document"];
type DomElement = ReturnType<DomDocument["createElement"]>;

/**
 * `style="…"` as an attribute is refused by the page's policy (`style-src 'self'`); the same text set through the
 * CSSOM is not. It is also the place where `rpx` of inline styles is turned.
 */
function setAttribute(this: HTMLElement, name: string, value: unknown): void {
  if (name === "style") this.style.cssText = toCssUnits(String(value));
  else Element.prototype.setAttribute.call(this, name, String(value));
}

/** `<button>` of a mini program is `<wx-button>` here: HTML's own tags bring their own looks and rules. */
export function createHostElement(tag: string): HTMLElement {
  const element = document.createElement(`wx-${tag}`);
  Object.defineProperty(element, "setAttribute", { value: setAttribute });
  return element;
}

export class PhoneBackend extends glassEasel.CurrentWindowBackendContext {
  override document = {
    createElement: (tag: string) => createHostElement(tag) as unknown as DomElement,
    createTextNode: (text: string) => document.createTextNode(text) as unknown as DomElement,
    createDocumentFragment: () => document.createDocumentFragment() as unknown as DomElement,
  };

  /** All events come from `gestures.ts` and from the built-in components: the DOM's own would fire a second time. */
  override setListenerStats(): void {}

  /** Not by animation frames: a phone in a tab nobody looks at would stand still. */
  override render(callback: (error: Error | null) => void): void {
    queueMicrotask(() => callback(null));
  }
}
