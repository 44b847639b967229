/** The arithmetic of the plots. Pixels in, pixels out; nothing here draws. */

import type { Point } from "@/api/types";

export interface Scale {
  top: number;
  ticks: number[];
}

/** Round numbers from 0 to at least `max`, about `count` steps; counts are whole, so steps are. */
export function niceScale(max: number, count = 4): Scale {
  const rough = Math.max(1, max / count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.ceil(([1, 2, 2.5, 5, 10].find((part) => part * power >= rough) ?? 10) * power);
  const steps = Math.max(1, Math.ceil(max / step));
  return { top: step * steps, ticks: Array.from({ length: steps + 1 }, (_, i) => i * step) };
}

const DAY_MS = 86_400_000;

/** Which points get a label on the time axis: local midnights of a long plot, even hours of a
 * short one, thinned to at most `most`; one that stands alone always. */
export function labelledTimes(ats: readonly string[], most: number): number[] {
  if (ats.length === 1) return [0];
  const times = ats.map((at) => new Date(at));
  const isLong = spanOf(ats) > 2 * DAY_MS;
  const marks = times.flatMap((time, i) => {
    const before = times[i - 1];
    if (before === undefined) return [];
    const isMark = isLong ? time.getDate() !== before.getDate() : time.getMinutes() === 0;
    return isMark ? [i] : [];
  });
  const every = Math.max(1, Math.ceil(marks.length / Math.max(1, most)));
  return marks.filter((_, nth) => nth % every === 0);
}

export function spanOf(ats: readonly string[]): number {
  const [first, last] = [ats[0], ats.at(-1)];
  return first && last ? new Date(last).getTime() - new Date(first).getTime() : 0;
}

/** `M x,y L x,y …` through the points. */
export function linePath(xs: readonly number[], ys: readonly number[]): string {
  return xs.map((x, i) => `${i ? "L" : "M"}${round(x)},${round(ys[i] ?? 0)}`).join("");
}

/** The line closed down to `bottom`. */
export function areaPath(xs: readonly number[], ys: readonly number[], bottom: number): string {
  if (xs.length === 0) return "";
  return `${linePath(xs, ys)}L${round(xs.at(-1)!)},${bottom}L${round(xs[0]!)},${bottom}Z`;
}

const round = (pixels: number) => Math.round(pixels * 10) / 10;

/** The values of `points` at each of `ats`: 0 where the server sent none. */
export function alignedTo(ats: readonly string[], points: readonly Point[]): number[] {
  const known = new Map(points.map((point) => [point.at, point.value]));
  return ats.map((at) => known.get(at) ?? 0);
}

/** For each column the [from, to] of each layer, one on top of the other. */
export function stacked(layers: readonly (readonly number[])[]): [number, number][][] {
  const columns = layers[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, column) => {
    let sum = 0;
    return layers.map((layer) => {
      const from = sum;
      sum += layer[column] ?? 0;
      return [from, sum];
    });
  });
}
