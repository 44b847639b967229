import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { problem, type Reply } from "./fake_server";
import { live } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const REFUSALS: (() => Reply | null)[] = [
  () => null,
  () => null,
  () => problem(401, "session_invalid"),
  () => problem(401, "session_expired"),
  () => problem(401, "session_revoked", { reason: "kick" }),
  () => problem(401, "session_replaced", { device: null }),
  () => ({ statusCode: 401, data: "<html>", header: {} }),
  () => problem(400, "code_used"),
  () => problem(403, "registration_closed"),
  () => problem(403, "account_disabled"),
  () => problem(429, "rate_limited", { retry_after: 60 }),
  () => problem(503, "wechat_unavailable", { retry: "new_code", retry_after: 60 }),
  () => problem(500, "internal_error"),
  () => ({ statusCode: 502, data: "<html>", header: {} }),
  () => ({ statusCode: 200, data: { nonsense: 1 }, header: {} }),
];

/** A small generator of its own, so that a failure can be played again from its seed. */
const randomOf = (seed: number) => () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};

// A window opens with a login that did not help: whatever the server answers, until the next one a
// login and its one repeat with a fresh code are all that is made.
it.each(Array.from({ length: 40 }, () => Math.floor(Math.random() * 2147483647)))(
  "whatever a server answers, nobody logs in over and over (seed %i)",
  async (seed) => {
    const random = randomOf(seed);
    const { auth, wx, server } = live({
      strategy: random() < 0.5 ? "server" : "checkSession",
    });
    const pick = () => REFUSALS[Math.floor(random() * REFUSALS.length)]?.() ?? null;
    let login = pick();
    let rest = pick();
    server.rules.set("POST /v1/login", () => login);
    server.rules.set("GET /poll", () => rest);
    server.rules.set("GET /v1/session", () => rest);
    let taps = 0;
    for (let window = 0; window < 10; window++) {
      login = pick();
      rest = pick();
      wx.checkSessionFails = random() < 0.5;
      const before = wx.logins;
      const tapsBefore = taps;
      for (let second = 0; second < 59; second++) {
        for (const auths of ["required", "optional", "none"] as const) {
          auth.request({ url: "/poll", auth: auths }).catch(() => {});
        }
        if (random() < 0.02) {
          taps++;
          auth.login().catch(() => {});
        }
        await vi.advanceTimersByTimeAsync(1000);
      }
      // A tap may fail with a code that one fresh code does not mend, and ends the pause before it.
      const allowed = 4 + 4 * (taps - tapsBefore);
      expect(wx.logins - before, `window ${window}`).toBeLessThanOrEqual(allowed);
    }
  },
);
