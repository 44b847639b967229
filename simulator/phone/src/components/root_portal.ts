import type { BuiltIn } from "../host/built_in";
import { flag } from "./properties";

/** Takes its content out of where it stands: nothing around it cuts it off. */
export const rootPortal: BuiltIn = {
  tag: "root-portal",
  content: "inside",
  properties: { enable: flag(true) },
  mount(self) {
    let content: HTMLElement | null = null;
    const place = (): void => {
      if (!content || !self.element.isConnected) return;
      const page = self.element.closest("wx-page");
      const target = self.get("enable") ? page : self.element;
      if (target && content.parentElement !== target) target.append(content);
    };
    return {
      changed: { enable: place },
      attached() {
        content ??= self.inside;
        place();
      },
      detached: () => content?.remove(),
    };
  },
};
