/** A tap on a control within a `<label>` reaches both: the control alone acts. */

import type { BuiltInElement } from "../host/built_in";

const taken = new WeakSet<object>();

export const isTaken = (tap: object): boolean => taken.has(tap);

/** For controls: whoever surrounds this one knows that the tap was meant for it. */
export function onControlTap(self: BuiltInElement, listener: () => void): void {
  self.onTap((tap) => {
    taken.add(tap);
    if (!self.get("disabled")) listener();
  });
}

export function focusable(self: BuiltInElement): (disabled: unknown) => void {
  return (disabled) => {
    self.element.tabIndex = disabled ? -1 : 0;
    self.element.setAttribute("aria-disabled", String(Boolean(disabled)));
  };
}
