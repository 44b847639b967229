import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { problem } from "./fake_server";
import type { FakeWx } from "./fake_wx";
import { failure, live, times, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** An app that was signed in, and starts again. */
const restarted = async (prepare: (wx: FakeWx) => void = () => {}) => {
  const before = live();
  await within(before.auth.login());
  prepare(before.wx);
  return live({ strategy: "checkSession" }, before.wx);
};

describe("strategy checkSession", () => {
  it("asks wx.checkSession once per life, before the first request, and goes on", async () => {
    const { auth, wx, server } = await restarted();
    await within(Promise.all(times(20, (n) => auth.request({ url: `/${n}` }))));
    await within(auth.request({ url: "/later" }));
    expect(wx.checks).toBe(1);
    expect(wx.logins).toBe(1);
    expect(server.count("/v1/session")).toBe(0);
  });

  it("over: hears whether somebody ended it, then logs in once", async () => {
    const { auth, wx, server } = await restarted((phone) => {
      phone.checkSessionFails = true;
    });
    await within(Promise.all(times(20, (n) => auth.request({ url: `/${n}` }))), 500);
    expect([wx.checks, wx.logins]).toEqual([1, 2]);
    expect(server.count("/v1/session")).toBe(1);
    expect(server.last("/3").token).toBe("token-2.secret");
  });

  it("over, and kicked: the silent login does not undo the kick", async () => {
    const { auth, wx, heard } = await restarted((phone) => {
      phone.checkSessionFails = true;
      phone.server.endAll("session_revoked", { reason: "kick" });
    });
    expect(await failure(auth.request({ url: "/a" }), 500)).toMatchObject({ action: "ask" });
    expect(wx.logins).toBe(1);
    expect(heard.signedOut).toHaveLength(1);
  });

  it("over, while no login can be had: the session that lives still does", async () => {
    const { auth, server } = await restarted((phone) => {
      phone.checkSessionFails = true;
    });
    server.refuse("POST /v1/login", problem(503, "wechat_unavailable", { retry_after: 5 }));
    expect((await within(auth.request({ url: "/a" }), 500)).statusCode).toBe(200);
    expect(auth.isSignedIn).toBe(true);
  });

  it("is not asked where this life has logged in itself, nor by guests", async () => {
    const { auth, wx } = live({ strategy: "checkSession" });
    await within(auth.request({ url: "/open", auth: "optional" }));
    await within(auth.request({ url: "/a" }));
    await within(auth.request({ url: "/b" }));
    expect(wx.checks).toBe(0);
  });

  it("a wx.checkSession that never answers keeps nobody waiting for ever", async () => {
    const { auth, wx } = await restarted((phone) => {
      phone.checkSession = () => {};
    });
    expect((await within(auth.request({ url: "/a" }), 16000)).statusCode).toBe(200);
    expect(wx.logins).toBe(2);
  });
});

describe("strategy server", () => {
  it("never asks wx.checkSession", async () => {
    const { wx } = await restarted();
    const { auth } = live({}, wx);
    await within(auth.request({ url: "/a" }));
    expect(wx.checks).toBe(0);
  });
});
