import { effectScope } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useShownFor } from "@/parts/shownFor";

const PHONE = "+8613800006666";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function opened() {
  const scope = effectScope();
  return { ...scope.run(() => useShownFor(60))!, leave: () => scope.stop() };
}

describe("a revealed phone number", () => {
  it("is shown for a minute and then forgotten", () => {
    const { shown, secondsLeft, show } = opened();
    show(PHONE);
    vi.advanceTimersByTime(59_500);
    expect([shown.value, secondsLeft.value]).toEqual([PHONE, 1]);
    vi.advanceTimersByTime(500);
    expect(shown.value).toBeNull();
  });

  it("is forgotten at once after the machine slept over the minute", () => {
    const { shown, show } = opened();
    show(PHONE);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(500);
    expect(shown.value).toBeNull();
  });

  it("is forgotten when the page is left, and leaves no clock running", () => {
    const { shown, show, leave } = opened();
    show(PHONE);
    leave();
    expect(shown.value).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asked for again is shown for a whole minute again", () => {
    const { shown, show } = opened();
    show(PHONE);
    vi.advanceTimersByTime(50_000);
    show(PHONE);
    vi.advanceTimersByTime(50_000);
    expect(shown.value).toBe(PHONE);
  });
});
