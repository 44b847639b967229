/** `<picker mode="time">` and `<picker mode="date">`: numbers between a start and an end. */

import type { BuiltInElement } from "../host/built_in";
import type { PickerModel } from "./picker_modes";

type Parts = number[];
type Kind = {
  parse(text: unknown): Parts | null;
  first: Parts;
  last: Parts;
  now: Parts;
  /** How far a column goes, where those before it have these values. */
  limits(before: Parts): [least: number, most: number];
  label(part: number, column: number): string;
  write(parts: Parts): string;
};

const two = (number: number): string => String(number).padStart(2, "0");

function parser(pattern: RegExp): Kind["parse"] {
  return (text) => {
    const found = pattern.exec(String(text ?? ""));
    return found
      ? found.slice(1).flatMap((part) => (part === undefined ? [] : Number(part)))
      : null;
  };
}

export function timeModel(self: BuiltInElement): PickerModel {
  return between(self, {
    parse: parser(/^(\d{1,2}):(\d{1,2})$/),
    first: [0, 0],
    last: [23, 59],
    now: [0, 0],
    limits: (before) => (before.length === 0 ? [0, 23] : [0, 59]),
    label: (part) => two(part),
    write: ([hour = 0, minute = 0]) => `${two(hour)}:${two(minute)}`,
  });
}

const UNITS = ["年", "月", "日"];
const FIELDS: Record<string, number> = { year: 1, month: 2, day: 3 };

export function dateModel(self: BuiltInElement): PickerModel {
  const length = FIELDS[String(self.get("fields"))] ?? 3;
  const today = new Date();
  const short = (parts: Parts): Parts => parts.slice(0, length);
  return between(self, {
    parse: parser(/^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$/),
    first: short([1900, 1, 1]),
    last: short([2100, 12, 31]),
    now: short([today.getFullYear(), today.getMonth() + 1, today.getDate()]),
    limits([year, month]) {
      if (year === undefined) return [1, 9999];
      return month === undefined ? [1, 12] : [1, new Date(year, month, 0).getDate()];
    },
    label: (part, column) => `${part}${UNITS[column]}`,
    write: ([year, ...rest]) => [String(year).padStart(4, "0"), ...rest.map(two)].join("-"),
  });
}

function between(self: BuiltInElement, kind: Kind): PickerModel {
  const bound = (name: string, otherwise: Parts): Parts =>
    otherwise.map((part, at) => kind.parse(self.get(name))?.[at] ?? part);
  const start = bound("start", kind.first);
  const end = bound("end", kind.last);

  /** The numbers of a column, given those before it. */
  const rows = (parts: Parts, column: number): number[] => {
    const before = parts.slice(0, column);
    const [least, most] = kind.limits(before);
    const isAt = (edge: Parts): boolean => before.every((part, at) => part === edge[at]);
    const from = isAt(start) ? Math.max(least, start[column] ?? least) : least;
    const to = isAt(end) ? Math.min(most, end[column] ?? most) : most;
    return Array.from({ length: Math.max(1, to - from + 1) }, (_, at) => from + at);
  };
  /** Each part as near to the wish as the ones before it allow. */
  const fit = (wish: Parts): Parts => {
    const parts: Parts = [];
    for (const [column, part] of wish.entries()) {
      const possible = rows(parts, column);
      const least = possible[0] ?? 0;
      parts.push(Math.min(possible.at(-1) ?? least, Math.max(least, part)));
    }
    return parts;
  };

  let parts = fit(bound("value", kind.now));
  const model: PickerModel = {
    columns: () =>
      parts.map((_, column) => rows(parts, column).map((part) => kind.label(part, column))),
    chosen: [],
    move(column, index) {
      const part = rows(parts, column)[index] ?? 0;
      parts = fit(parts.map((each, at) => (at === column ? part : each)));
      point();
    },
    detail: () => ({ value: kind.write(parts) }),
    empty: "",
    reread() {},
  };
  const point = (): void => {
    model.chosen = parts.map((part, column) => rows(parts, column).indexOf(part));
  };
  point();
  return model;
}
