import { describe, expect, it } from "vitest";
import { alignedTo, areaPath, labelledTimes, linePath, niceScale, stacked } from "@/charts/scale";

const hours = (count: number, from = "2026-11-22T00:00:00Z") =>
  Array.from({ length: count }, (_, i) =>
    new Date(new Date(from).getTime() + i * 3_600_000).toISOString(),
  );

describe("the value axis", () => {
  it.each([0, 1, 3, 7, 19, 101, 1138, 47_802])(
    "for %i has whole round steps up to its top",
    (max) => {
      const { top, ticks } = niceScale(max);
      expect(top).toBeGreaterThanOrEqual(max);
      expect(top).toBeGreaterThan(0);
      expect(ticks.every(Number.isInteger)).toBe(true);
      expect([ticks[0], ticks.at(-1)]).toEqual([0, top]);
      expect(ticks.length).toBeLessThanOrEqual(7);
    },
  );
});

describe("the time axis", () => {
  it("of a day labels hours, no more than fit", () => {
    const labels = labelledTimes(hours(24), 6);
    expect(labels.length).toBeLessThanOrEqual(6);
    expect(labels.length).toBeGreaterThan(3);
  });

  it("of a week labels the browser's own midnights", () => {
    const ats = hours(168);
    const labels = labelledTimes(ats, 10);
    expect(labels).toHaveLength(7);
    expect(labels.every((i) => new Date(ats[i]!).getHours() === 0)).toBe(true);
  });

  it("of one point labels it", () => expect(labelledTimes(hours(1), 5)).toEqual([0]));

  it("of nothing labels nothing", () => expect(labelledTimes([], 5)).toEqual([]));
});

describe("paths", () => {
  it("go through the points, and an area is closed at the bottom", () => {
    expect(linePath([0, 10], [5, 2.26])).toBe("M0,5L10,2.3");
    expect(areaPath([0, 10], [5, 2], 20)).toBe("M0,5L10,2L10,20L0,20Z");
    expect(areaPath([], [], 20)).toBe("");
  });
});

describe("layers", () => {
  it("stand on one another", () => {
    expect(
      stacked([
        [1, 0],
        [2, 5],
      ]),
    ).toEqual([
      [
        [0, 1],
        [1, 3],
      ],
      [
        [0, 0],
        [0, 5],
      ],
    ]);
  });

  it("have a 0 where the server sent no point", () => {
    expect(alignedTo(["a", "b", "c"], [{ at: "b", value: 4 }])).toEqual([0, 4, 0]);
  });
});
