import { type BuiltIn, type BuiltInElement, builtInAt } from "../host/built_in";
import { mountCheckable } from "./checkable";
import { disabled, flag, role, string } from "./properties";

export const radio: BuiltIn = {
  tag: "radio",
  properties: {
    ...role("radio"),
    value: string(),
    checked: flag(),
    disabled: disabled(),
    color: string("#07c160"),
  },
  mount: (self) =>
    mountCheckable(self, {
      mark: "wx-radio-input",
      press() {
        if (self.get("checked")) return;
        const group = builtInAt(self.element.closest("wx-radio-group"));
        for (const other of group ? radiosOf(group) : []) other.set("checked", false);
        self.set("checked", true);
        group?.fire("change", { value: self.get("value") });
      },
    }),
};

export const radioGroup: BuiltIn = {
  tag: "radio-group",
  properties: { ...role("radiogroup"), name: string() },
  mount: (self) => ({
    field: {
      value: () =>
        String(
          radiosOf(self)
            .find((each) => each.get("checked"))
            ?.get("value") ?? "",
        ),
      reset: () => {
        for (const each of radiosOf(self)) each.set("checked", false);
      },
    },
  }),
};

const radiosOf = (group: BuiltInElement): BuiltInElement[] =>
  [...group.element.querySelectorAll("wx-radio")].flatMap((node) => builtInAt(node) ?? []);
