import type { BuiltIn } from "../host/built_in";
import { flag, number, string } from "./properties";
import { styledNode } from "./styled_node";

/** A sheet within the page. */
export const pageContainer: BuiltIn = {
  tag: "page-container",
  content: "inside",
  properties: {
    show: flag(false, { attribute: "show" }),
    duration: number(300),
    zIndex: number(100),
    overlay: flag(true),
    position: string("bottom", { attribute: "position" }),
    round: flag(false, { attribute: "round" }),
    closeOnSlideDown: flag(),
    overlayStyle: string(),
    customStyle: string(),
  },
  mount(self) {
    const overlay = styledNode(self, "page-overlay");
    self.element.prepend(overlay.element);
    overlay.onTap(() => {
      self.fire("clickoverlay");
      self.set("show", false);
    });
    const dress = (): void => {
      overlay.setStyle(`z-index: ${self.get("zIndex")}; ${self.get("overlayStyle")}`);
      overlay.element.hidden = !self.get("overlay") || !self.get("show");
      const { style } = self.inside;
      style.cssText = String(self.get("customStyle"));
      style.zIndex = String(self.get("zIndex"));
      style.transitionDuration = `${self.get("duration")}ms`;
    };
    let isShown = false;
    const move = (wanted: unknown): void => {
      if (!self.element.isConnected || Boolean(wanted) === isShown) return;
      isShown = Boolean(wanted);
      dress();
      const way = isShown ? "enter" : "leave";
      self.fire(`before${way}`);
      self.fire(way);
      setTimeout(() => self.fire(`after${way}`), Number(self.get("duration")));
    };
    return {
      changed: {
        show: move,
        zIndex: dress,
        overlay: dress,
        overlayStyle: dress,
        customStyle: dress,
        duration: dress,
      },
      attached() {
        dress();
        move(self.get("show"));
      },
    };
  },
};
