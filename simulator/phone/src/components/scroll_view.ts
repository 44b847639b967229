import type { BuiltIn, BuiltInElement } from "../host/built_in";
import { anything, flag, number, string } from "./properties";
import { listenForRefresh } from "./refresher";

export const scrollView: BuiltIn = {
  tag: "scroll-view",
  content: "inside",
  properties: {
    scrollX: flag(false, { attribute: "scroll-x" }),
    scrollY: flag(false, { attribute: "scroll-y" }),
    upperThreshold: number(50),
    lowerThreshold: number(50),
    scrollTop: anything(),
    scrollLeft: anything(),
    scrollIntoView: string(),
    scrollIntoViewOffset: number(),
    scrollWithAnimation: flag(),
    enableBackToTop: flag(),
    enableFlex: flag(false, { attribute: "enable-flex" }),
    enablePassive: flag(),
    scrollAnchoring: flag(),
    refresherEnabled: flag(),
    refresherThreshold: number(45),
    refresherDefaultStyle: string("black"),
    refresherBackground: string(),
    refresherTriggered: flag(),
    enhanced: flag(),
    bounces: flag(true),
    showScrollbar: flag(true, { attribute: "show-scrollbar" }),
    pagingEnabled: flag(false, { attribute: "paging-enabled" }),
    fastDeceleration: flag(),
    type: string("list"),
    usingSticky: flag(),
  },
  mount(self) {
    const refresher = listenForRefresh(self);
    const whenReady = (act: () => void) => (): void => {
      if (self.element.isConnected) queueMicrotask(act);
    };
    const scroll = ({ top, left }: { top: number; left: number }): void => {
      const { inside } = self;
      inside.style.scrollBehavior = self.get("scrollWithAnimation") ? "smooth" : "auto";
      // One by one: a movement that has begun would be cut short by the other.
      if (inside.scrollTop !== top) inside.scrollTop = top;
      if (inside.scrollLeft !== left) inside.scrollLeft = left;
    };
    const go = (): void => {
      const [top, left] = [self.get("scrollTop"), self.get("scrollLeft")].map(pixels);
      if (top === undefined && left === undefined) return;
      const { scrollTop, scrollLeft } = self.inside;
      scroll({ top: top ?? scrollTop, left: left ?? scrollLeft });
    };
    const seek = (): void => {
      const id = String(self.get("scrollIntoView"));
      const wanted = [...self.inside.querySelectorAll("[id]")].find((node) => node.id === id);
      if (!wanted) return;
      const [to, from] = [wanted.getBoundingClientRect(), self.inside.getBoundingClientRect()];
      const { scrollTop, scrollLeft } = self.inside;
      scroll({
        top: self.get("scrollY") ? scrollTop + to.top - from.top : scrollTop,
        left: self.get("scrollX") ? scrollLeft + to.left - from.left : scrollLeft,
      });
    };
    return {
      changed: {
        scrollTop: whenReady(go),
        scrollLeft: whenReady(go),
        scrollIntoView: whenReady(seek),
        refresherTriggered: (isOn) => refresher.show(Boolean(isOn)),
      },
      attached: () => {
        tellScrolling(self);
        queueMicrotask(() => {
          go();
          seek();
        });
      },
    };
  },
};

function tellScrolling(self: BuiltInElement): void {
  const scroller = self.inside;
  scroller.tabIndex = 0;
  let last = { scrollLeft: 0, scrollTop: 0 };
  let edge = { upper: true, lower: false };
  scroller.addEventListener("scroll", () => {
    const { scrollLeft, scrollTop, scrollHeight, scrollWidth } = scroller;
    const deltaX = last.scrollLeft - scrollLeft;
    const deltaY = last.scrollTop - scrollTop;
    last = { scrollLeft, scrollTop };
    self.fire("scroll", { scrollLeft, scrollTop, scrollHeight, scrollWidth, deltaX, deltaY });
    const now = edgesOf(self, scroller);
    // Once for each arrival, not for each step while there.
    if (now.upper && !edge.upper) self.fire("scrolltoupper", { direction: now.directions[0] });
    if (now.lower && !edge.lower) self.fire("scrolltolower", { direction: now.directions[1] });
    edge = now;
  });
}

function edgesOf(self: BuiltInElement, scroller: HTMLElement) {
  const isVertical = Boolean(self.get("scrollY"));
  const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight, clientWidth } = scroller;
  const before = isVertical ? scrollTop : scrollLeft;
  const after = isVertical
    ? scrollHeight - clientHeight - scrollTop
    : scrollWidth - clientWidth - scrollLeft;
  return {
    upper: before <= Number(self.get("upperThreshold")),
    lower: after <= Number(self.get("lowerThreshold")),
    directions: isVertical ? ["top", "bottom"] : ["left", "right"],
  };
}

/** A number, or a text such as `10px`. */
function pixels(value: unknown): number | undefined {
  const number = Number.parseFloat(String(value));
  return Number.isFinite(number) ? number : undefined;
}
