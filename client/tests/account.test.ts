import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Auth } from "../src/index";
import { problem } from "./fake_server";
import { failure, live, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const signedIn = async () => {
  const life = live();
  await within(life.auth.login());
  return life;
};

const FRESH = expect.stringMatching(/^ann\.code/);

describe("the ways in", () => {
  it.each<[string, (auth: Auth) => Promise<unknown>, string, object]>([
    [
      "password",
      (auth) => auth.loginByPassword({ username: "ann", password: "pw" }),
      "/v1/login/password",
      { username: "ann", password: "pw" },
    ],
    [
      "password, linking",
      (auth) => auth.loginByPassword({ username: "ann", password: "pw", linkWeChat: true }),
      "/v1/login/password",
      { username: "ann", code: FRESH },
    ],
    [
      "SMS",
      (auth) => auth.loginBySms({ phone: "138", verificationCode: "1" }),
      "/v1/login/sms",
      { phone: "138", verification_code: "1", code: FRESH },
    ],
    [
      "restoring by password",
      (auth) => auth.restore({ username: "ann", password: "pw" }),
      "/v1/me/restore",
      { username: "ann", password: "pw" },
    ],
    [
      "registering",
      (auth) => auth.registerMobile({ phone: "138", verificationCode: "1", ticket: "T" }),
      "/v1/register/mobile",
      { phone: "138", verification_code: "1", registration_ticket: "T" },
    ],
  ])("%s", async (_, go, path, body) => {
    const { auth, server, heard } = live();
    const result = await within(go(auth));
    expect(server.last(path).body).toMatchObject(body);
    expect(result).toMatchObject({ account: { id: expect.any(String) }, expiresIn: 2592000 });
    expect(heard.signedIn).toEqual([expect.objectContaining({ how: "tap" })]);
  });

  it("without linking no code goes along", async () => {
    const { auth, wx, server } = live();
    await within(auth.loginBySms({ phone: "138", verificationCode: "1", linkWeChat: false }));
    expect(server.last("/v1/login/sms").body.code).toBeUndefined();
    expect(wx.logins).toBe(0);
  });

  it("a wrong password is told, and nobody is signed out or held back", async () => {
    const { auth, server, heard } = await signedIn();
    server.refuse("POST /v1/login/password", problem(401, "credentials_invalid"));
    const why = await failure(auth.loginByPassword({ username: "ann", password: "no" }));
    expect(why).toMatchObject({ code: "credentials_invalid", action: "stop" });
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
    expect(heard.signedOut).toEqual([]);
  });

  it("an enterprise applies, and asks another day", async () => {
    const { auth, wx, server } = live();
    const status = (data: object) => ({ statusCode: 200, data, header: {} });
    server.refuse("POST /v1/register/enterprise", {
      ...status({ application_id: "a/1", status: "pending" }),
      statusCode: 202,
    });
    await within(
      auth.registerEnterprise({
        companyName: "公司",
        creditCode: "91350100M000100Y43",
        contactName: "韩梅梅",
        username: "hmm",
        password: "pw",
        ticket: "T",
      }),
    );
    expect(server.last("/v1/register/enterprise").body).toMatchObject({
      company_name: "公司",
      credit_code: "91350100M000100Y43",
      registration_ticket: "T",
    });
    server.refuse(
      "POST /v1/login",
      problem(403, "registration_required", { registration_ticket: "SPENT" }),
    );
    await failure(auth.login());
    const form = { username: "hmm", password: "pw" } as never;
    await within(auth.registerEnterprise(form));
    expect(server.last("/v1/register/enterprise").body.registration_ticket).toBe("SPENT");
    await within(auth.registerEnterprise(form));
    expect(server.last("/v1/register/enterprise").body.registration_ticket).toBeUndefined();
    const later = live({}, wx).auth;
    expect(later.application).toEqual({ applicationId: "a/1", status: "pending" });
    server.refuse(
      "GET /v1/register/enterprise/a%2F1",
      status({ status: "rejected", reason: "blurred" }),
    );
    expect(await within(later.refreshApplication())).toEqual({
      applicationId: "a/1",
      status: "rejected",
      reason: "blurred",
    });
    expect(later.application?.status).toBe("rejected");
    expect(await failure(live().auth.refreshApplication())).toMatchObject({ code: "not_found" });
  });

  it("codes by SMS name who asks by a fresh code", async () => {
    const { auth, server } = live();
    const sent = await within(auth.sendCode({ phone: "138", purpose: "login" }));
    expect(sent).toEqual({ resendIn: 60, expiresIn: 300 });
    expect(server.last("/v1/verification-codes").body).toMatchObject({
      phone: "138",
      purpose: "login",
      code: FRESH,
      app_id: "wxapp",
    });
    const by = { phone: "138", verificationCode: "1", newPassword: "correct horse" };
    await within(auth.resetPassword(by));
    expect(server.last("/v1/password/reset").body).toMatchObject({ new_password: "correct horse" });
  });
});

describe("one's own account", () => {
  it.each<[string, (auth: Auth) => Promise<unknown>, string, object]>([
    [
      "setPassword",
      (a) => a.setPassword({ newPassword: "p" }),
      "POST /v1/me/password",
      {
        new_password: "p",
        proof_code: FRESH,
      },
    ],
    [
      "setPassword, proved by the old one",
      (a) => a.setPassword({ username: "u", newPassword: "p" }, { currentPassword: "o" }),
      "POST /v1/me/password",
      { username: "u", new_password: "p", current_password: "o" },
    ],
    [
      "setPassword, proved by SMS",
      (a) => a.setPassword({ newPassword: "p" }, { verificationCode: "1" }),
      "POST /v1/me/password",
      { new_password: "p", verification_code: "1" },
    ],
    [
      "linkIdentity",
      (a) => a.linkIdentity({ appId: "wx2", code: "c" }),
      "POST /v1/me/identities",
      {
        app_id: "wx2",
        code: "c",
        proof_code: FRESH,
      },
    ],
    [
      "unlinkIdentity",
      (a) => a.unlinkIdentity({ appId: "wx2" }),
      "POST /v1/me/identities/unlink",
      {
        app_id: "wx2",
        proof_code: FRESH,
      },
    ],
    ["exportData", (a) => a.exportData(), "POST /v1/me/export", { proof_code: FRESH }],
    [
      "erase",
      (a) => a.erase({ currentPassword: "o" }),
      "POST /v1/me/erase",
      {
        current_password: "o",
      },
    ],
    ["setNickname", (a) => a.setNickname("小明"), "PUT /v1/me/profile", { nickname: "小明" }],
    ["supportCode", (a) => a.supportCode(), "POST /v1/me/support-code", {}],
    ["endSession", (a) => a.endSession("s/1"), "DELETE /v1/sessions/s%2F1", {}],
    ["endOtherSessions", (a) => a.endOtherSessions(), "DELETE /v1/sessions?keep=current", {}],
    ["checkWeChatSession", (a) => a.checkWeChatSession(), "POST /v1/session/wechat-check", {}],
    ["me", (a) => a.me(), "GET /v1/me", {}],
  ])("%s", async (_, go, door, body) => {
    const { auth, server } = await signedIn();
    await within(go(auth));
    const arrived = server.seen.find((each) => `${each.method} ${each.path}` === door);
    expect(arrived?.body).toEqual(body);
    expect(arrived?.token).toBe("token-1.secret");
  });

  it("sessions in camelCase, and whether WeChat's lives", async () => {
    const { auth, server } = await signedIn();
    const item = { session_id: "s1", last_seen_at: "t", current: true };
    server.refuse("GET /v1/sessions", { statusCode: 200, data: { items: [item] }, header: {} });
    expect(await within(auth.sessions())).toEqual([
      { sessionId: "s1", lastSeenAt: "t", current: true },
    ]);
    const checked = { statusCode: 200, data: { wechat_session: "expired" }, header: {} };
    server.refuse("POST /v1/session/wechat-check", checked);
    expect(await within(auth.checkWeChatSession())).toBe("expired");
  });

  it("an avatar is uploaded as `file`, and remembered", async () => {
    const { auth, wx } = await signedIn();
    const { avatarUrl } = await within(auth.uploadAvatar("wxfile://tmp"));
    expect(avatarUrl).toBe("/v1/avatars/new");
    expect(live({}, wx).auth.account?.avatarUrl).toBe(avatarUrl);
    expect(wx.calls.at(-1)).toMatchObject({ name: "uploadFile" });
  });

  it("me() is remembered over a restart", async () => {
    const { auth, wx, server } = await signedIn();
    const data = { id: "ann", nickname: "小明", identities: [] };
    server.refuse("GET /v1/me", { statusCode: 200, data, header: {} });
    await within(auth.me());
    expect(live({}, wx).auth.account?.nickname).toBe("小明");
  });

  it("start() looks at what is held, and answers with the account", async () => {
    const { wx, server } = await signedIn();
    const { auth } = live({}, wx);
    expect((await within(auth.start()))?.id).toBe("ann");
    expect(server.count("/v1/me")).toBe(1);
    expect(wx.logins).toBe(1);
    server.refuse("GET /v1/me", problem(503, "store_unavailable"));
    expect(await failure(auth.start())).toMatchObject({ status: 503 });
    expect(auth.isSignedIn).toBe(true);
  });

  it("a refusal with errors keeps them", async () => {
    const { auth, server } = await signedIn();
    const facts = { reason: "too_short", minimum: 8 };
    server.refuse("POST /v1/me/password", problem(422, "password_weak", facts));
    const why = await failure(auth.setPassword({ newPassword: "p" }));
    expect(why).toMatchObject({ code: "password_weak", action: "stop", data: facts });
  });
});

describe("listeners", () => {
  it("are taken off again, and one that throws undoes nothing", async () => {
    const { auth } = live();
    const heard = vi.fn();
    const off = auth.on("signedIn", heard);
    off();
    off();
    const thrown = new Promise((resolve) => process.once("unhandledRejection", resolve));
    auth.on("signedIn", () => {
      throw new Error("a listener's own");
    });
    await within(auth.login());
    expect(auth.isSignedIn).toBe(true);
    expect(heard).not.toHaveBeenCalled();
    vi.useRealTimers();
    expect(await thrown).toMatchObject({ message: "a listener's own" });
  });
});
