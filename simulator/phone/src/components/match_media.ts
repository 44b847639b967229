import type { BuiltIn } from "../host/built_in";
import { anything, string } from "./properties";

export const matchMedia: BuiltIn = {
  tag: "match-media",
  properties: {
    minWidth: anything(),
    maxWidth: anything(),
    width: anything(),
    minHeight: anything(),
    maxHeight: anything(),
    height: anything(),
    orientation: string(),
  },
  mount(self) {
    const is = (name: string, holds: (wanted: number) => boolean): boolean => {
      const wanted = self.get(name);
      return wanted === null || wanted === undefined || wanted === "" || holds(Number(wanted));
    };
    const match = (): void => {
      if (!self.element.isConnected) return;
      const { windowWidth: width, windowHeight: height } = self.shell.window();
      const orientation = self.get("orientation");
      const matches =
        is("minWidth", (least) => width >= least) &&
        is("maxWidth", (most) => width <= most) &&
        is("width", (wanted) => width === wanted) &&
        is("minHeight", (least) => height >= least) &&
        is("maxHeight", (most) => height <= most) &&
        is("height", (wanted) => height === wanted) &&
        (!orientation || orientation === (width > height ? "landscape" : "portrait"));
      self.element.toggleAttribute("unmatched", !matches);
    };
    const properties = [
      "minWidth",
      "maxWidth",
      "width",
      "minHeight",
      "maxHeight",
      "height",
      "orientation",
    ];
    return {
      changed: Object.fromEntries(properties.map((name) => [name, match])),
      attached() {
        match();
        window.addEventListener("resize", match);
      },
      detached: () => window.removeEventListener("resize", match),
    };
  },
};
