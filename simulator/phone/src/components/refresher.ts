/** Pulling a `<scroll-view refresher-enabled>` down at its upper end. */

import type { BuiltInElement } from "../host/built_in";

export function listenForRefresh(self: BuiltInElement): { show(isOn: boolean): void } {
  const dots = document.createElement("div");
  dots.className = "host-refreshing";
  dots.setAttribute("role", "status");
  dots.setAttribute("aria-label", "刷新中");
  dots.append(...[0, 1, 2].map(() => document.createElement("i")));

  let from: number | null = null;
  let isOn = false;
  const pulled = (event: TouchEvent): number =>
    from === null ? 0 : (event.changedTouches[0]?.clientY ?? from) - from;
  self.element.addEventListener(
    "touchstart",
    (event) => {
      const isAtTop = self.get("refresherEnabled") && !isOn && self.inside.scrollTop <= 0;
      from = isAtTop ? (event.touches[0]?.clientY ?? null) : null;
    },
    { passive: true },
  );
  self.element.addEventListener(
    "touchmove",
    (event) => {
      if (pulled(event) > 0) self.fire("refresherpulling", { dy: pulled(event) });
    },
    { passive: true },
  );
  self.element.addEventListener("touchend", (event) => {
    const dy = pulled(event);
    from = null;
    if (dy <= 0) return;
    if (dy < Number(self.get("refresherThreshold"))) {
      self.fire("refresherabort", { dy });
      return;
    }
    self.set("refresherTriggered", true);
    self.fire("refresherrefresh", { dy });
  });
  return {
    show(wanted) {
      if (wanted === isOn) return;
      isOn = wanted;
      if (isOn) self.element.prepend(dots);
      else {
        dots.remove();
        self.fire("refresherrestore", { dy: 0 });
      }
    },
  };
}
