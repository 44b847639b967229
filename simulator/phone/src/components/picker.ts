import type { BuiltIn } from "../host/built_in";
import { modelOf, type PickerModel } from "./picker_modes";
import { openPickerSheet, type PickerSheet } from "./picker_sheet";
import { anything, disabled, list, role, string } from "./properties";
import { focusable, onControlTap } from "./taps";

export const picker: BuiltIn = {
  tag: "picker",
  properties: {
    ...role("button"),
    name: string(),
    headerText: string(),
    mode: string("selector"),
    disabled: disabled(),
    range: list(),
    rangeKey: string(),
    value: anything(),
    start: string(),
    end: string(),
    fields: string("day"),
    customItem: string(),
    level: string("sub-district"),
  },
  mount(self) {
    let open: { sheet: PickerSheet; model: PickerModel } | null = null;
    const press = async (): Promise<void> => {
      if (open) return;
      const model = modelOf(self);
      const sheet = openPickerSheet(self.shell, {
        title: String(self.get("headerText")),
        columns: model.columns(),
        chosen: model.chosen,
        onMove(column, index) {
          model.move(column, index);
          sheet.show(model.columns(), model.chosen);
          if (model.tellsMoves) self.fire("columnchange", { column, value: index });
        },
      });
      open = { sheet, model };
      const isConfirmed = await sheet.answer;
      open = null;
      if (!isConfirmed) {
        self.fire("cancel");
        return;
      }
      const detail = model.detail();
      self.set("value", detail.value);
      self.fire("change", detail);
    };
    /** A page answers the moving of one column by new rows for another. */
    const follow = (): void => {
      if (!open?.model.tellsMoves) return;
      const { model, sheet } = open;
      model.reread();
      sheet.show(model.columns(), model.chosen);
    };
    onControlTap(self, () => void press());
    return {
      changed: { disabled: focusable(self), range: follow, value: follow },
      actions: { press: () => void press() },
      field: {
        value: () => self.get("value") ?? modelOf(self).empty,
        reset: () => self.set("value", modelOf(self).empty),
      },
    };
  },
};
