import { type BuiltIn, type BuiltInElement, builtInAt } from "../host/built_in";
import { mountCheckable } from "./checkable";
import { disabled, flag, role, string } from "./properties";

export const checkbox: BuiltIn = {
  tag: "checkbox",
  properties: {
    ...role("checkbox"),
    value: string(),
    checked: flag(),
    disabled: disabled(),
    color: string("#07c160"),
  },
  mount: (self) =>
    mountCheckable(self, {
      mark: "wx-checkbox-input",
      press() {
        self.set("checked", !self.get("checked"));
        builtInAt(self.element.closest("wx-checkbox-group"))?.act("tell");
      },
    }),
};

export const checkboxGroup: BuiltIn = {
  tag: "checkbox-group",
  properties: { ...role("group"), name: string() },
  mount(self) {
    const boxes = (): BuiltInElement[] =>
      [...self.element.querySelectorAll("wx-checkbox")].flatMap((node) => builtInAt(node) ?? []);
    const value = (): string[] =>
      boxes().flatMap((box) => (box.get("checked") ? String(box.get("value")) : []));
    return {
      actions: { tell: () => self.fire("change", { value: value() }) },
      field: {
        value,
        reset: () => {
          for (const box of boxes()) box.set("checked", false);
        },
      },
    };
  },
};
