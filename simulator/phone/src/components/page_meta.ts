/** `<page-meta>` and `<navigation-bar>`: what a template says of its page. */

import type { BuiltIn } from "../host/built_in";
import { toCssUnits } from "../host/units";
import { flag, number, string } from "./properties";

export const pageMeta: BuiltIn = {
  tag: "page-meta",
  properties: {
    backgroundTextStyle: string(),
    backgroundColor: string(),
    backgroundColorTop: string(),
    backgroundColorBottom: string(),
    rootBackgroundColor: string(),
    scrollTop: string(),
    scrollDuration: number(300),
    pageStyle: string(),
    rootFontSize: string(),
    pageFontSize: string(),
    pageOrientation: string(),
  },
  mount(self) {
    const dress = (): void => {
      const page = self.element.closest<HTMLElement>("wx-page");
      if (!page) return;
      page.style.cssText = toCssUnits(String(self.get("pageStyle")));
      const background = self.get("rootBackgroundColor") || self.get("backgroundColor");
      if (background) page.style.backgroundColor = String(background);
      const size = self.get("pageFontSize") || self.get("rootFontSize");
      if (size && size !== "system") page.style.fontSize = toCssUnits(String(size));
    };
    const scroll = (): void => {
      const top = Number.parseFloat(String(self.get("scrollTop")));
      const scroller = self.element.closest(".host-scroller");
      if (!scroller || Number.isNaN(top)) return;
      scroller.scrollTop = top;
      self.fire("scrolldone");
    };
    return {
      changed: {
        pageStyle: dress,
        backgroundColor: dress,
        rootBackgroundColor: dress,
        rootFontSize: dress,
        pageFontSize: dress,
        scrollTop: scroll,
      },
      attached() {
        dress();
        queueMicrotask(scroll);
        self.element.closest(".host-scroller")?.addEventListener("scroll", (event) => {
          self.fire("scroll", { scrollTop: (event.target as HTMLElement).scrollTop });
        });
      },
    };
  },
};

export const navigationBar: BuiltIn = {
  tag: "navigation-bar",
  content: "none",
  properties: {
    title: string(),
    loading: flag(),
    frontColor: string(),
    backgroundColor: string(),
    colorAnimationDuration: number(),
    colorAnimationTimingFunc: string("linear"),
  },
  mount(self) {
    const dress = (): void => {
      if (!self.element.isConnected) return;
      const { title, frontColor, backgroundColor } = Object.fromEntries(
        ["title", "frontColor", "backgroundColor"].map((name) => [name, String(self.get(name))]),
      );
      self.host.setNavigationBar({
        loading: Boolean(self.get("loading")),
        ...(title && { title }),
        ...(backgroundColor && { backgroundColor }),
        ...((frontColor === "#ffffff" || frontColor === "#000000") && { frontColor }),
      });
    };
    return {
      changed: { title: dress, loading: dress, frontColor: dress, backgroundColor: dress },
      // Only then is this page the one in front.
      attached: () => self.host.nextTick(dress),
    };
  },
};
