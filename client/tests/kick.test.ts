import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AuthError } from "../src/index";
import { problem } from "./fake_server";
import { FakeWx } from "./fake_wx";
import { failure, live, times, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const kicked = async () => {
  const life = live();
  await within(life.auth.login());
  life.server.endAll("session_revoked", { reason: "stolen phone" });
  const error: AuthError = await failure(life.auth.request({ url: "/orders" }));
  return { ...life, error };
};

describe("a phone that was kicked stays out until a tap", () => {
  it("tells why, once, and holds", async () => {
    const { auth, heard, error } = await kicked();
    expect(error).toMatchObject({ code: "session_revoked", action: "ask", status: 401 });
    expect(error.data.reason).toBe("stolen phone");
    expect(heard.signedOut).toHaveLength(1);
    expect(heard.signedOut[0]).toMatchObject({
      code: "session_revoked",
      action: "ask",
      reason: "stolen phone",
    });
    expect(auth.hold?.code).toBe("session_revoked");
    expect([auth.isSignedIn, auth.account]).toEqual([false, null]);
  });

  it("0 logins and 0 requests until a tap, also after a restart", async () => {
    const { wx, server, auth } = await kicked();
    const before = wx.calls.length;
    for (const life of [auth, live({}, wx).auth, live({ strategy: "checkSession" }, wx).auth]) {
      const whys = await Promise.all(times(20, () => failure(life.request({ url: "/a" }))));
      expect(new Set(whys.map((why) => (why as AuthError).code))).toEqual(
        new Set(["session_revoked"]),
      );
      expect(await within(life.start())).toBeNull();
      await failure(life.setPassword({ newPassword: "correct horse" }));
      expect(life.hold?.data.reason).toBe("stolen phone");
    }
    expect(wx.logins).toBe(1);
    expect(wx.calls.length).toBe(before);
    expect(server.count("/v1/login")).toBe(1);
  });

  it("a tap lets it in again, after a restart as well", async () => {
    const { wx } = await kicked();
    const { auth } = live({}, wx);
    await within(auth.login());
    expect(auth.hold).toBeNull();
    expect((await within(auth.request({ url: "/orders" }))).statusCode).toBe(200);
    expect(live({}, wx).auth.hold).toBeNull();
  });

  it("50 parallel requests of a kicked phone: one event, 50 refusals, no login", async () => {
    const { auth, wx, server, heard } = live();
    await within(auth.login());
    server.endAll("session_revoked", { reason: "kick" });
    const whys = await Promise.all(times(50, (n) => failure(auth.request({ url: `/${n}` }), 1000)));
    expect(whys.every((why) => (why as AuthError).code === "session_revoked")).toBe(true);
    expect(heard.signedOut).toHaveLength(1);
    expect(wx.logins).toBe(1);
  });

  it("a tap that fails leaves the hold", async () => {
    const { auth, wx } = await kicked();
    wx.isOffline = true;
    expect(await failure(auth.login())).toMatchObject({ code: "network_error" });
    wx.isOffline = false;
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({ code: "session_revoked" });
  });

  it("two phones at a limit of one do not evict each other for ever", async () => {
    const first = live();
    first.server.maxSessions = 1;
    await within(first.auth.login());
    const second = live({}, new FakeWx(first.server));
    await within(second.auth.login());
    for (let poll = 0; poll < 30; poll++) {
      const why: AuthError = await failure(first.auth.request({ url: "/poll" }), 1000);
      expect(why.code).toBe("session_replaced");
      expect((await within(second.auth.request({ url: "/poll" }), 1000)).statusCode).toBe(200);
    }
    expect(first.wx.logins + second.wx.logins).toBe(2);
    expect(first.heard.signedOut).toEqual([
      expect.objectContaining({ device: { name: "Other Phone", platform: "ios" } }),
    ]);
  });
});

describe("what never signs out", () => {
  it.each([
    ["429", problem(429, "rate_limited", { retry_after: 9 })],
    ["500", problem(500, "internal_error")],
    ["503", problem(503, "store_unavailable", { retry_after: 3 })],
  ])("%s", async (_, reply) => {
    const { auth, server, heard, wx } = live();
    await within(auth.login());
    server.refuse("GET /v1/me", reply);
    const why: AuthError = await failure(auth.me());
    expect(why.status).toBe(reply.statusCode);
    expect(auth.isSignedIn).toBe(true);
    expect(heard.signedOut).toEqual([]);
    expect(wx.logins).toBe(1);
  });

  it("no network", async () => {
    const { auth, wx, heard } = live();
    await within(auth.login());
    wx.isOffline = true;
    expect(await failure(auth.me())).toMatchObject({ code: "network_error", status: 0 });
    expect(auth.isSignedIn).toBe(true);
    expect(heard.signedOut).toEqual([]);
  });
});

describe("logging out", () => {
  it("happens here whatever the network says, ends the session, and holds", async () => {
    const { auth, wx, server, heard } = live();
    await within(auth.login());
    await within(auth.logout());
    expect(server.last("/v1/session")).toMatchObject({ method: "DELETE" });
    expect(heard.signedOut).toEqual([
      expect.objectContaining({ code: "session_revoked", reason: "logged_out", error: null }),
    ]);
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({ action: "ask" });
    expect(await within(live({}, wx).auth.start())).toBeNull();
    expect(wx.logins).toBe(1);
  });

  it("offline", async () => {
    const { auth, wx } = live();
    await within(auth.login());
    wx.isOffline = true;
    await within(auth.logout());
    expect(auth.isSignedIn).toBe(false);
    wx.isOffline = false;
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({ action: "ask" });
  });

  it("during a login: nobody wakes up signed in", async () => {
    const { auth } = live();
    const login = auth.login();
    const logout = auth.logout();
    await within(Promise.all([login, logout]));
    expect([auth.isSignedIn, auth.hold?.code]).toEqual([false, "session_revoked"]);
  });

  it("an erasure signs out and holds; restoring is a tap", async () => {
    const { auth, server, heard } = live();
    await within(auth.login());
    expect(await within(auth.erase())).toEqual({ eraseAt: "2026-12-01T00:00:00Z" });
    expect(auth.hold).toMatchObject({
      code: "account_erasing",
      data: { eraseAt: "2026-12-01T00:00:00Z" },
    });
    expect(heard.signedOut[0]).toMatchObject({ code: "account_erasing", error: null });
    await within(auth.restore());
    expect(server.last("/v1/me/restore").body.code).toMatch(/^ann/);
    expect([auth.isSignedIn, auth.hold]).toEqual([true, null]);
  });
});
