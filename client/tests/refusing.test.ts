import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AuthError } from "../src/index";
import { problem } from "./fake_server";
import { failure, type Life, live, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** An app that asks every second, whatever it hears. */
const poll = async (auth: Life["auth"], seconds: number) => {
  const codes: string[] = [];
  for (let second = 0; second < seconds; second++) {
    const asked = auth.request({ url: "/poll" }).then(
      () => "ok",
      (why: AuthError) => why.code,
    );
    codes.push(await within(asked, 1000));
  }
  return codes;
};

describe("a server that refuses for good", () => {
  it.each([
    ["registration_closed", 403],
    ["app_unknown", 404],
    ["app_misconfigured", 500],
    ["internal_error", 500],
  ])("%s: at most two logins in 60 seconds", async (code, status) => {
    const { auth, wx, server } = live();
    server.refuse("POST /v1/login", problem(status, code));
    expect(new Set(await poll(auth, 60))).toEqual(new Set([code]));
    expect(wx.logins).toBeLessThanOrEqual(2);
    expect(server.count("/v1/login")).toBeLessThanOrEqual(2);
  });

  it("a code that is never good: two tries, then an error", async () => {
    const { auth, wx, server } = live();
    server.refuse("POST /v1/login", problem(400, "code_invalid"));
    const why = await failure(auth.request({ url: "/a" }), 4000);
    expect(why).toMatchObject({ code: "code_invalid", action: "new_code" });
    await poll(auth, 50);
    expect(wx.logins).toBe(2);
  });

  it("a fresh token that is refused at once: one login a minute", async () => {
    const { auth, wx, server } = live();
    server.refuse("GET /poll", problem(401, "session_invalid"));
    expect(new Set(await poll(auth, 60))).toEqual(new Set(["session_invalid"]));
    expect(wx.logins).toBeLessThanOrEqual(2);
  });

  it("the pause doubles, to ten minutes", async () => {
    const { auth, wx, server } = live();
    server.refuse("POST /v1/login", problem(403, "registration_closed"));
    const at: number[] = [];
    for (let second = 0, before = 0; second < 3000; second++) {
      await failure(auth.request({ url: "/poll" }), 1000);
      if (wx.logins > before) at.push(second);
      before = wx.logins;
    }
    const gaps = at.slice(1).map((second, n) => second - (at[n] ?? 0));
    expect(gaps.slice(0, 6)).toEqual([61, 121, 241, 481, 601, 601]);
  });

  it("429 waits as long as it says", async () => {
    const { auth, wx, server } = live();
    server.refuse("POST /v1/login", problem(429, "rate_limited", { retry_after: 7 }));
    await poll(auth, 7);
    expect(wx.logins).toBe(1);
    server.rules.clear();
    expect(await poll(auth, 2)).toContain("ok");
    expect(wx.logins).toBe(2);
  });

  it("a tap always tries, and its success ends the pause", async () => {
    const { auth, server, wx } = live();
    server.refuse("POST /v1/login", problem(403, "registration_closed"));
    await failure(auth.request({ url: "/a" }));
    await failure(auth.login());
    server.rules.clear();
    await failure(auth.request({ url: "/a" }));
    expect(wx.logins).toBe(2);
    await within(auth.login());
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
  });

  it("one spent code is made good by one fresh code, a little later", async () => {
    const { auth, wx, server } = live();
    let first = true;
    server.rules.set("POST /v1/login", () => {
      const reply = first ? problem(503, "wechat_unavailable", { retry: "new_code" }) : null;
      first = false;
      return reply;
    });
    const login = auth.login();
    await within(Promise.resolve(), 900);
    expect(wx.logins).toBe(1);
    expect((await within(login, 3000)).account.id).toBe("ann");
    expect(wx.logins).toBe(2);
  });
});

describe("without a network", () => {
  it("nothing is held back: the next request tries again", async () => {
    const { auth, wx } = live();
    wx.isOffline = true;
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({ code: "network_error" });
    wx.isOffline = false;
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
  });

  it("wx.login that fails is an error of ours, with WeChat's words", async () => {
    const { auth, wx } = live();
    wx.loginFails = { errMsg: "login:fail wxa login is blocked", errno: 1402101 };
    const why: AuthError = await failure(auth.login());
    expect(why).toMatchObject({ code: "login_failed", status: 0, title: "网络不通" });
    expect(why.data.errMsg).toContain("blocked");
    wx.loginFails = { errMsg: "login:fail", errno: 108 };
    expect(await failure(auth.login())).toMatchObject({ code: "network_error" });
  });

  it("a wx.login that never answers keeps nobody waiting for ever", async () => {
    const { auth, wx } = live();
    wx.login = () => {};
    expect(await failure(auth.request({ url: "/a" }), 20000)).toMatchObject({ code: "timeout" });
  });

  it("start() rejects, and does not when it is merely refused", async () => {
    const { auth, wx, server } = live();
    wx.isOffline = true;
    expect(await failure(auth.start())).toMatchObject({ code: "network_error" });
    wx.isOffline = false;
    server.refuse("POST /v1/login", problem(403, "registration_closed"));
    expect(await within(auth.start())).toBeNull();
  });
});

describe("refusals that have a page of their own", () => {
  it("registration_required: event, error and ticket, and the ticket is in no log", async () => {
    const { auth, server, heard } = live();
    const facts = { registration_ticket: "TICKET", ticket_expires_in: 600, methods: ["mobile"] };
    server.refuse("POST /v1/login", problem(403, "registration_required", facts));
    const why: AuthError = await failure(auth.login());
    expect(why).toMatchObject({ code: "registration_required", action: "stop" });
    expect(inspect(why, { depth: 9 })).not.toContain("TICKET");
    expect(heard.registrationRequired).toEqual([
      expect.objectContaining({ ticket: "TICKET", expiresIn: 600, methods: ["mobile"] }),
    ]);
    await within(auth.registerMobile({ nickname: "小明" }));
    expect(server.last("/v1/register/mobile").body).toMatchObject({
      registration_ticket: "TICKET",
      nickname: "小明",
      app_id: "wxapp",
    });
    expect(auth.isSignedIn).toBe(true);
    await within(auth.registerMobile({ phone: "138", verificationCode: "1" }));
    expect(server.last("/v1/register/mobile").body.registration_ticket).toBeUndefined();
  });

  it.each(["account_pending", "account_rejected"])("%s", async (code) => {
    const { auth, server, heard } = live();
    server.refuse("POST /v1/login", problem(403, code, { reason: "incomplete" }));
    expect(await within(auth.start())).toBeNull();
    expect(heard.pending).toEqual([expect.objectContaining({ code, reason: "incomplete" })]);
  });

  it("account_disabled signs out only where somebody was signed in", async () => {
    const { auth, server, heard } = live();
    await within(auth.login());
    server.endAll("session_expired");
    const until = "2026-12-01T00:00:00Z";
    server.refuse("POST /v1/login", problem(403, "account_disabled", { until }));
    const why: AuthError = await failure(auth.request({ url: "/a" }));
    expect(why.data.until).toBe(until);
    expect(heard.signedOut).toEqual([
      expect.objectContaining({ code: "account_disabled", action: "stop" }),
    ]);
    await failure(auth.login());
    expect(heard.signedOut).toHaveLength(1);
  });

  it("phone_required", async () => {
    const { auth, server, heard } = live();
    server.refuse("GET /orders", problem(403, "phone_required"));
    await failure(auth.request({ url: "/orders" }));
    expect(heard.phoneRequired).toHaveLength(1);
  });
});
