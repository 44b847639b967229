import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  formatAgo,
  formatCompact,
  formatCountdown,
  formatNumber,
  formatTime,
  formatUtc,
} from "@/language/format";
import { setLanguage } from "@/session/preferences";

const AT = "2026-11-22T16:05:09Z";

beforeEach(() => setLanguage("zh"));
afterEach(() => setLanguage("zh"));

describe("times", () => {
  it("stand in the browser's own zone, and the title says UTC", () => {
    expect(formatTime(AT)).toBe("2026/11/23 00:05");
    expect(formatTime(AT, "second")).toBe("2026/11/23 00:05:09");
    expect(formatUtc(AT)).toBe("2026-11-22 16:05:09 UTC");
  });

  it("midnight is 00 and not 24", () => {
    expect(formatTime("2026-11-22T16:00:00Z", "axis-hour")).toBe("00:00");
  });

  it("follow the language", () => {
    setLanguage("en");
    expect(formatTime(AT)).toBe("23/11/2026, 00:05");
  });

  it("how long ago is said in one unit, rounded towards now", () => {
    const now = new Date(AT).getTime();
    const ago = (seconds: number) => formatAgo(new Date(now - seconds * 1000).toISOString(), now);
    expect(ago(20)).toMatch(/此刻|这一分钟|现在/);
    expect(ago(3 * 60 + 50)).toBe("3分钟前");
    expect(ago(26 * 3600)).toBe("昨天");
    expect(ago(72 * 3600)).toBe("3天前");
  });
});

describe("numbers", () => {
  it("are grouped, and short on an axis", () => {
    expect(formatNumber(1234567)).toBe("1,234,567");
    expect(formatCompact(12000)).toBe("1.2万");
    setLanguage("en");
    expect(formatCompact(12000)).toMatch(/^12k$/i);
  });

  it("a countdown shows 0:00 only at the end", () => {
    expect(formatCountdown(120_000)).toBe("2:00");
    expect(formatCountdown(61_001)).toBe("1:02");
    expect(formatCountdown(1)).toBe("0:01");
    expect(formatCountdown(0)).toBe("0:00");
  });
});
