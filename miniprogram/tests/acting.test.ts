import { expect, test, vi } from "vitest";
import { AuthError } from "wxlogin";
import type { Fault } from "../rules/faults";

vi.mock("../reactions", () => ({ lead: vi.fn() }));

const { act } = await import("../acting");
const { lead } = await import("../reactions");

function aPage() {
  const data = { busy: false, fault: null as Fault | null };
  return { data, setData: (change: Partial<typeof data>) => Object.assign(data, change) };
}

test("a second tap while the first is under way does nothing", async () => {
  const page = aPage();
  const work = vi.fn(() => Promise.resolve());
  const [first, second] = await Promise.all([act(page, work), act(page, work)]);
  expect(work).toHaveBeenCalledTimes(1);
  expect([first, second]).toEqual([true, false]);
  expect(page.data.busy).toBe(false);
});

test("a failure is told, led to its page, and gone with the next tap", async () => {
  const page = aPage();
  const error = new AuthError("account_disabled", 403);
  expect(await act(page, () => Promise.reject(error))).toBe(false);
  expect(page.data.fault?.code).toBe("account_disabled");
  expect(lead).toHaveBeenCalledWith(error);
  await act(page, () => Promise.resolve());
  expect(page.data).toEqual({ busy: false, fault: null });
});
