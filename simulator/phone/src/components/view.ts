import { hoverProperties } from "../host/attributes";
import type { BuiltIn, BuiltInElement, Reactions } from "../host/built_in";
import { number } from "./properties";

const PRESSABLE = new Set([
  "button",
  "link",
  "checkbox",
  "radio",
  "switch",
  "tab",
  "menuitem",
  "option",
]);

/** What a page made a control by `aria-role` can be reached without a finger, too. */
export const reachable = (self: BuiltInElement): NonNullable<Reactions["changed"]> => ({
  ariaRole: (role) => {
    if (PRESSABLE.has(String(role))) self.element.tabIndex = 0;
    else self.element.removeAttribute("tabindex");
  },
});

export const view: BuiltIn = {
  tag: "view",
  properties: hoverProperties(),
  mount: (self) => ({ changed: reachable(self) }),
};

export const coverView: BuiltIn = {
  tag: "cover-view",
  properties: { ...hoverProperties(), scrollTop: number() },
  mount: (self) => ({
    changed: {
      ...reachable(self),
      scrollTop: (top) => {
        self.element.scrollTop = Number(top);
      },
    },
  }),
};
