/** A finger or the mouse moved across a swiper. */

import type { BuiltInElement } from "../host/built_in";

/** Shorter movements are taps that slipped. */
const DISTANCE = 30;

export function listenForSwipes(self: BuiltInElement, swipe: (direction: 1 | -1) => void): void {
  const { element } = self;
  let from: PointerEvent | null = null;
  element.addEventListener("pointerdown", (event) => {
    from = event;
  });
  const end = (event: PointerEvent): void => {
    if (!from || !self.get("touchable")) return;
    const isVertical = Boolean(self.get("vertical"));
    const moved = isVertical ? event.clientY - from.clientY : event.clientX - from.clientX;
    const across = isVertical ? event.clientX - from.clientX : event.clientY - from.clientY;
    from = null;
    if (Math.abs(moved) < DISTANCE || Math.abs(across) > Math.abs(moved)) return;
    swipe(moved < 0 ? 1 : -1);
  };
  element.addEventListener("pointerup", end);
  // The browser takes the finger away where it thinks the page is to scroll: see `touch-action` in the sheet.
  element.addEventListener("pointercancel", () => {
    from = null;
  });
}
