import type { BuiltIn } from "../host/built_in";
import { mountCheckable } from "./checkable";
import { disabled, flag, role, string } from "./properties";

export const switchControl: BuiltIn = {
  tag: "switch",
  content: "none",
  properties: {
    ...role("switch"),
    name: string(),
    checked: flag(),
    disabled: disabled(),
    type: string("switch", { attribute: "type" }),
    color: string("#07c160"),
  },
  mount(self) {
    const reactions = mountCheckable(self, {
      mark: "wx-switch-input",
      press() {
        const value = !self.get("checked");
        self.set("checked", value);
        self.fire("change", { value });
      },
    });
    return {
      ...reactions,
      field: { value: () => Boolean(self.get("checked")), reset: () => self.set("checked", false) },
    };
  },
};
