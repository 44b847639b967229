import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Countdown } from "../rules/countdown";

describe("countdown", () => {
  const shown: number[] = [];
  const countdown = new Countdown((secondsLeft) => shown.push(secondsLeft));

  beforeEach(() => {
    shown.length = 0;
    vi.useFakeTimers();
  });

  afterEach(() => {
    countdown.stop();
    vi.useRealTimers();
  });

  test("counts from the first moment down to zero, once, and then rests", () => {
    countdown.start(60);
    expect(shown).toEqual([60]);
    vi.advanceTimersByTime(60_000);
    expect(shown.at(-1)).toBe(0);
    expect(shown.filter((seconds) => seconds === 0)).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is over at once after the background, where timers stood still meanwhile", () => {
    countdown.start(60);
    vi.setSystemTime(Date.now() + 10 * 60_000);
    vi.advanceTimersByTime(500);
    expect(shown.at(-1)).toBe(0);
  });

  test("a second start takes the first one's place", () => {
    countdown.start(60);
    countdown.start(5);
    vi.advanceTimersByTime(5_000);
    expect(shown.at(-1)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("stopped, it shows nothing more", () => {
    countdown.start(60);
    countdown.stop();
    vi.advanceTimersByTime(60_000);
    expect(shown).toEqual([60]);
  });
});
