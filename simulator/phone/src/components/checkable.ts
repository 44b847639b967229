/** Checkbox, radio and switch: a mark that is on or off, and what stands beside it. */

import type { BuiltInElement, Reactions } from "../host/built_in";
import { focusable, onControlTap } from "./taps";

type Checkable = {
  /** The class of the mark; mini programs style it, so it is WeChat's. */
  mark: string;
  press(): void;
};

export function mountCheckable(self: BuiltInElement, { mark, press }: Checkable): Reactions {
  const box = document.createElement("div");
  box.className = mark;
  self.element.prepend(box);
  onControlTap(self, press);
  return {
    changed: {
      disabled: focusable(self),
      checked: (isChecked) => {
        box.classList.toggle(`${mark}-checked`, Boolean(isChecked));
        self.element.setAttribute("aria-checked", String(Boolean(isChecked)));
      },
      color: (color) => box.style.setProperty("--color", String(color)),
    },
    actions: { press },
  };
}
