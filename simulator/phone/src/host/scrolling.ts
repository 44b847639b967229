/** What a page hears of its scrolling: `onPageScroll`, `onReachBottom`, `onPullDownRefresh`. */

import type { OpenPage } from "./page";

const PULL_DISTANCE = 60;

export function listenToScrolling(page: OpenPage, refresh: () => void): void {
  const { scroller, config } = page;
  const margin = config.onReachBottomDistance ?? 50;
  let atBottom = false;
  scroller.addEventListener("scroll", () => {
    page.call("onPageScroll", { scrollTop: scroller.scrollTop });
    const left = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
    if (left <= margin && !atBottom) page.call("onReachBottom");
    atBottom = left <= margin;
  });
  if (config.enablePullDownRefresh) listenToPulling(scroller, refresh);
}

function listenToPulling(scroller: HTMLElement, refresh: () => void): void {
  let from: number | null = null;
  scroller.addEventListener(
    "touchstart",
    (event) => {
      from = scroller.scrollTop <= 0 ? (event.touches[0]?.clientY ?? null) : null;
    },
    { passive: true },
  );
  scroller.addEventListener(
    "touchend",
    (event) => {
      const to = event.changedTouches[0]?.clientY;
      if (from !== null && to !== undefined && to - from > PULL_DISTANCE) refresh();
      from = null;
    },
    { passive: true },
  );
}

/** The three dots above a page that is being refreshed. */
export class PullDownRefresh {
  private readonly dots = document.createElement("div");

  constructor() {
    this.dots.className = "host-refreshing";
    this.dots.setAttribute("role", "status");
    this.dots.setAttribute("aria-label", "刷新中");
    this.dots.append(...[0, 1, 2].map(() => document.createElement("i")));
  }

  start(page: OpenPage): void {
    if (this.dots.isConnected) return;
    page.scroller.prepend(this.dots);
    page.scroller.scrollTop = 0;
    page.call("onPullDownRefresh");
  }

  stop(): void {
    this.dots.remove();
  }
}
