/** From page to page, and the bar above it. The host does it; here it gets WeChat's calling convention. */

import type { Host } from "../host/ports";
import { type Calls, type Given, type Wx, WxFailure } from "./calling";
import { isRecord, numberOr, textOf } from "./parameters";

type Listeners = Record<string, (...values: unknown[]) => void>;

export function navigationFunctions(calls: Calls, host: Host): Wx {
  const bar = (set: (o: Given) => Parameters<Host["setNavigationBar"]>[0]) => (o: Given) =>
    host.setNavigationBar(set(o));
  const go = (move: (url: string) => Promise<void>) => (o: Given) => move(textOf(o, "url"));
  return {
    ...calls.define({
      navigateTo: async (o) => ({
        eventChannel: await host.navigateTo(textOf(o, "url"), listenersOf(o.events)),
      }),
      redirectTo: go((url) => host.redirectTo(url)),
      reLaunch: go((url) => host.reLaunch(url)),
      switchTab: go((url) => host.switchTab(url)),
      navigateBack: (o) => host.navigateBack(numberOr(o, "delta", 1)),
      setNavigationBarTitle: bar((o) => ({ title: textOf(o, "title") })),
      setNavigationBarColor: bar((o) => ({
        frontColor: frontColor(o),
        backgroundColor: textOf(o, "backgroundColor"),
      })),
      showNavigationBarLoading: bar(() => ({ loading: true })),
      hideNavigationBarLoading: bar(() => ({ loading: false })),
      pageScrollTo: (o) => host.pageScrollTo(o),
      startPullDownRefresh: () => host.startPullDownRefresh(),
      stopPullDownRefresh: () => host.stopPullDownRefresh(),
    }),
    createSelectorQuery: () => host.createSelectorQuery(),
    createIntersectionObserver: (component: unknown, options?: unknown) =>
      host.createIntersectionObserver(component, options),
    nextTick: (run: () => void) => host.nextTick(() => calls.run(run)),
  };
}

function listenersOf(events: unknown): Listeners {
  return isRecord(events) ? (events as Listeners) : {};
}

function frontColor(options: Given): "#ffffff" | "#000000" {
  const color = textOf(options, "frontColor");
  if (color === "#ffffff" || color === "#000000") return color;
  throw new WxFailure("invalid frontColor: only #ffffff and #000000 are supported");
}
