import type { BuiltIn } from "../host/built_in";
import { fieldsOf } from "../host/forms";
import { flag, number } from "./properties";

export const form: BuiltIn = {
  tag: "form",
  properties: { reportSubmit: flag(), reportSubmitTimeout: number() },
  mount(self) {
    return {
      actions: {
        submit() {
          const value = Object.fromEntries(
            fieldsOf(self).map((field) => [field.name, field.value()]),
          );
          const formId = self.get("reportSubmit") ? { formId: "the formId is a mock one" } : {};
          self.fire("submit", { value, ...formId });
        },
        reset() {
          for (const field of fieldsOf(self)) field.reset();
          self.fire("reset");
        },
      },
    };
  },
};
