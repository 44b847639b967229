import type { Call } from "./call";
import type { Overview, Range } from "./types";

export function overviewApi(call: Call) {
  return { get: (range: Range) => call<Overview>("/overview", { query: { range } }) };
}
