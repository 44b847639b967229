import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer, problem } from "./fake_server";
import { FakeWx } from "./fake_wx";
import type { Life } from "./life";

/** Every attack here is also made on an SDK that lacks the defence: there it must succeed, or the
 * attack proves nothing. */

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  for (const path of ["flight", "cooling", "place", "expiry", "session"]) {
    vi.doUnmock(`../src/${path}`);
  }
});

const lacking = async (path: string, change: (real: never) => object): Promise<void> => {
  vi.doMock(`../src/${path}`, async (original) => {
    const real = await original();
    return { ...(real as object), ...change(real as never) };
  });
};

const fresh = async (options = {}, wx = new FakeWx(new FakeServer())): Promise<Life> => {
  const { live } = await import("./life");
  return live(options, wx);
};

const pass = (milliseconds = 1000) => vi.advanceTimersByTimeAsync(milliseconds);
const quiet = (promise: Promise<unknown>) => promise.catch(() => {});

const ATTACKS: Record<string, (wx: FakeWx) => Promise<number>> = {
  "50 first requests, in logins": async (wx) => {
    const { auth } = await fresh({}, wx);
    for (let n = 0; n < 50; n++) quiet(auth.request({ url: "/a" }));
    await pass();
    return wx.logins;
  },
  "a kicked phone that is started again and asks, in logins after the first": async (wx) => {
    const { auth } = await fresh({}, wx);
    quiet(auth.login());
    await pass();
    wx.server.endAll("session_revoked", { reason: "kick" });
    for (let n = 0; n < 5; n++) {
      quiet(auth.request({ url: "/a" }));
      await pass();
    }
    const again = await fresh({}, wx);
    quiet(again.auth.start());
    await pass();
    return wx.logins - 1;
  },
  "a server that refuses for good, in logins a minute": async (wx) => {
    const { auth } = await fresh({}, wx);
    wx.server.refuse("POST /v1/login", problem(403, "registration_closed"));
    for (let second = 0; second < 60; second++) {
      quiet(auth.request({ url: "/a" }));
      await pass();
    }
    return wx.logins;
  },
  "a server that takes no token, in logins for one request": async (wx) => {
    const { auth } = await fresh({}, wx);
    wx.server.refuse("GET /a", problem(401, "session_invalid"));
    quiet(auth.request({ url: "/a" }));
    for (let second = 0; second < 10; second++) await pass();
    return wx.logins;
  },
  "a foreign address, in tokens that it got": async (wx) => {
    const { auth } = await fresh({}, wx);
    quiet(auth.login());
    await pass();
    quiet(auth.request({ url: "https://evil.example/a" }));
    await pass();
    return wx.calls.filter(({ url, header }) => /evil/.test(url) && header.Authorization).length;
  },
};

const TWINS: [
  attack: string,
  withDefence: number,
  lacks: string,
  change: (real: never) => object,
][] = [
  [
    "50 first requests, in logins",
    1,
    "flight",
    () => ({ take: (_app: unknown, _name: string, login: () => unknown) => login() }),
  ],
  [
    "a kicked phone that is started again and asks, in logins after the first",
    0,
    "session",
    (real: { leave: (...given: unknown[]) => void; enter: object }) => ({
      heed: (app: never, _token: string, end: unknown) => real.leave(app, end, end, false),
    }),
  ],
  [
    "a server that refuses for good, in logins a minute",
    1,
    "cooling",
    () => ({ isCool: () => false }),
  ],
  [
    "a server that takes no token, in logins for one request",
    2,
    "cooling",
    () => ({ isCool: () => false }),
  ],
  ["a foreign address, in tokens that it got", 0, "place", () => ({ isTrusted: () => true })],
];

describe.each(TWINS)("%s", (name, expected, path, change) => {
  const attack = ATTACKS[name] as (wx: FakeWx) => Promise<number>;

  it(`is ${expected}`, async () => {
    expect(await attack(new FakeWx(new FakeServer()))).toBeLessThanOrEqual(expected);
  });

  it(`and more without ${path}`, async () => {
    await lacking(path, change as never);
    expect(await attack(new FakeWx(new FakeServer()))).toBeGreaterThan(expected);
  });
});
