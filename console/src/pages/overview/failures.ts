/** The failures by errcode as layers of a plot: the most frequent ones apart, the rest together. */

import type { Failure } from "@/api/types";
import { alignedTo } from "@/charts/scale";
import { t, tWord } from "@/language";

const APART = 6;

export interface FailureLayer {
  errcode: number | null;
  name: string;
  meaning: string;
  count: number;
  values: number[];
}

export function failureLayers(
  failures: readonly Failure[],
  ats: readonly string[],
): FailureLayer[] {
  const ordered = failures
    .filter((each) => each.count > 0)
    .sort((one, other) => other.count - one.count);
  const layers = ordered.map((failure) => ({
    errcode: failure.errcode,
    name: String(failure.errcode),
    meaning: meaningOf(failure),
    count: failure.count,
    values: alignedTo(ats, failure.series),
  }));
  const rest = layers.slice(APART);
  return rest.length > 1 ? [...layers.slice(0, APART), together(rest)] : layers;
}

/** Our own words for a number that we know, else the server's. */
function meaningOf(failure: Failure): string {
  const known = tWord("errcode", String(failure.errcode));
  return known === String(failure.errcode) ? failure.meaning : known;
}

function together(rest: readonly FailureLayer[]): FailureLayer {
  const values = rest[0]?.values.map((_, i) =>
    rest.reduce((sum, each) => sum + (each.values[i] ?? 0), 0),
  );
  return {
    errcode: null,
    name: t("overview.otherErrcodes"),
    meaning: rest.map((each) => each.name).join(", "),
    count: rest.reduce((sum, each) => sum + each.count, 0),
    values: values ?? [],
  };
}
