/** A page of one template, for tests of components: it notes every event bound to `note`. */

import { type Part, writeMiniProgram } from "./mini_program";
import { type OpenedPhone, openPhone, type PhoneOptions } from "./open_phone";

export type Noted = { type: string; detail: Record<string, unknown>; id: string };

export type ComponentPage = OpenedPhone & {
  /** What was noted since the last look. */
  noted(): Noted[];
  element(selector: string): HTMLElement;
};

type TemplateOptions = PhoneOptions & {
  /** Members of the page. */
  methods?: string;
  /** Components of the mini program, by tag. */
  using?: Record<string, Part>;
};

export async function openTemplate(
  wxml: string,
  { methods = "", using = {}, ...options }: TemplateOptions = {},
): Promise<ComponentPage> {
  // jsdom knows no dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
  const tags = Object.keys(using);
  const folder = writeMiniProgram({
    ...Object.fromEntries(tags.map((tag) => [`components/${tag}`, using[tag] ?? {}])),
    "pages/a": {
      json: { usingComponents: Object.fromEntries(tags.map((tag) => [tag, `/components/${tag}`])) },
      wxml,
      js: `Page({
        noted: [],
        note({ type, detail, target }) { this.noted.push({ type, detail, id: target.id }); },
        ${methods}
      })`,
    },
    "pages/b": { wxml: '<view id="b">page b</view>' },
  });
  const phone = await openPhone(folder, options);
  const page = phone.page() as unknown as { noted: Noted[] };
  return Object.assign(phone, {
    noted: () => page.noted.splice(0),
    element: (selector: string) => phone.find(selector),
  });
}

export const press = (element: Element, key: string): void => {
  element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
};
