import { expect, test } from "vitest";
import { ago, clock, day, left, moment } from "../rules/moments";

const NOON = new Date(2026, 10, 22, 12, 0, 0);
const now = NOON.getTime();
const before = (seconds: number) => new Date(now - seconds * 1000).toISOString();

test("a time of the server is told on this phone's clock", () => {
  expect(moment(NOON.toISOString())).toBe("2026-11-22 12:00");
  expect(day(NOON.toISOString())).toBe("2026-11-22");
  expect(clock(now)).toBe("12:00:00");
});

test("what is no time is told as it came", () => {
  expect(moment("soon")).toBe("soon");
  expect(ago("soon", now)).toBe("soon");
});

test.each([
  [0, "刚刚"],
  [59, "刚刚"],
  [60, "1 分钟前"],
  [3_599, "59 分钟前"],
  [3_600, "1 小时前"],
  [86_400, "1 天前"],
  [29 * 86_400, "29 天前"],
  [30 * 86_400, "2026-10-23"],
])("%i seconds ago", (seconds, told) => {
  expect(ago(before(seconds), now)).toBe(told);
});

test("a phone whose clock runs behind says just now, not a negative number", () => {
  expect(ago(before(-3_600), now)).toBe("刚刚");
});

test.each([
  [2_591_999, "29 天 23 小时"],
  [86_400, "1 天"],
  [3_900, "1 小时 5 分"],
  [250, "4 分 10 秒"],
  [9, "9 秒"],
  [0, "已到期"],
  [-5, "已到期"],
])("%i seconds left", (seconds, told) => {
  expect(left(seconds)).toBe(told);
});
