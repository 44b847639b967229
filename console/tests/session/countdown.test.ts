import { describe, expect, it } from "vitest";
import { isEndNear, limitsFrom, remaining, WARNING_MS } from "@/session/countdown";

const NOW = 1_000_000;
const MINUTE = 60_000;

describe("the end of the operator's session", () => {
  it("is the idle limit, counted from the last answer", () => {
    const limits = { ...limitsFrom(43_200, 1800, NOW), heardAt: NOW + 10 * MINUTE };
    expect(remaining(limits, NOW + 12 * MINUTE)).toEqual({ ms: 28 * MINUTE, mayExtend: true });
  });

  it("is the absolute limit where that comes first, and no use of the console moves it", () => {
    const limits = { ...limitsFrom(3600, 1800, NOW), heardAt: NOW + 50 * MINUTE };
    expect(remaining(limits, NOW + 50 * MINUTE)).toEqual({ ms: 10 * MINUTE, mayExtend: false });
  });

  it("is warned of two minutes before", () => {
    const limits = limitsFrom(43_200, 1800, NOW);
    expect(isEndNear(remaining(limits, NOW + 28 * MINUTE - 1))).toBe(false);
    expect(isEndNear(remaining(limits, NOW + 28 * MINUTE))).toBe(true);
    expect(WARNING_MS).toBe(2 * MINUTE);
  });

  it("is never less than nothing, also after the machine slept", () => {
    expect(remaining(limitsFrom(43_200, 1800, NOW), NOW + 600 * MINUTE).ms).toBe(0);
  });
});
