/** What the modes of `<picker>` let one choose from. */

import type { BuiltInElement } from "../host/built_in";
import { dateModel, timeModel } from "./picker_times";
import { regionModel } from "./regions";

export type PickerModel = {
  /** The texts of each column, as things stand. */
  columns(): string[][];
  chosen: number[];
  move(column: number, index: number): void;
  detail(): { value: unknown; code?: string[]; postcode?: string };
  /** The value of a picker nobody has touched. */
  empty: unknown;
  /** Whether the page hears of each column that is moved, and may change the others. */
  tellsMoves?: boolean;
  reread(): void;
};

export function modelOf(self: BuiltInElement): PickerModel {
  const mode = String(self.get("mode"));
  if (mode === "multiSelector") return multiSelector(self);
  if (mode === "time") return timeModel(self);
  if (mode === "date") return dateModel(self);
  if (mode === "region") return regionModel(self);
  return selector(self);
}

const texts = (range: unknown, key: unknown): string[] =>
  (Array.isArray(range) ? range : []).map((each) =>
    String(
      key && each && typeof each === "object"
        ? (each as Record<string, unknown>)[String(key)]
        : each,
    ),
  );

function selector(self: BuiltInElement): PickerModel {
  const model: PickerModel = {
    columns: () => [texts(self.get("range"), self.get("rangeKey"))],
    chosen: [Number(self.get("value")) || 0],
    move(_, index) {
      model.chosen = [index];
    },
    // WeChat gives the index as text.
    detail: () => ({ value: String(model.chosen[0]) }),
    empty: 0,
    reread() {},
  };
  return model;
}

function multiSelector(self: BuiltInElement): PickerModel {
  const columns = (): string[][] => {
    const range = self.get("range");
    return (Array.isArray(range) ? range : []).map((column) => texts(column, self.get("rangeKey")));
  };
  const given = (): number[] => {
    const value = self.get("value");
    return columns().map((_, column) => Number(Array.isArray(value) ? value[column] : 0) || 0);
  };
  let lastGiven = given();
  const model: PickerModel = {
    columns,
    chosen: given(),
    move(column, index) {
      model.chosen = model.chosen.map((each, at) => (at === column ? index : each));
    },
    detail: () => ({ value: model.chosen }),
    empty: [],
    tellsMoves: true,
    reread() {
      const now = given();
      if (now.join() !== lastGiven.join()) model.chosen = now;
      lastGiven = now;
      const rows = columns();
      model.chosen = rows.map((each, at) =>
        Math.min(model.chosen[at] ?? 0, Math.max(0, each.length - 1)),
      );
    },
  };
  return model;
}
