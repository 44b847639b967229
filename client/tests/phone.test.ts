import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AuthError } from "../src/index";
import { problem } from "./fake_server";
import { failure, live, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const BLOB = { errMsg: "getPhoneNumber:ok", encryptedData: "BLOB", iv: "IV" };

const signedIn = async () => {
  const life = live();
  await within(life.auth.login());
  return life;
};

describe("the phone button", () => {
  it.each<[string, { errMsg: string; errno?: number }, string, string]>([
    ["iOS", { errMsg: "getPhoneNumber:fail user deny" }, "phone_denied", "new_tap"],
    ["Android", { errMsg: "getPhoneNumber:fail:user deny" }, "phone_denied", "new_tap"],
    ["old devtools", { errMsg: "getPhoneNumber:user deny" }, "phone_denied", "new_tap"],
    ["anything else", { errMsg: "getPhoneNumber:fail" }, "phone_denied", "new_tap"],
    ["quota", { errMsg: "getPhoneNumber:fail", errno: 1400001 }, "phone_no_quota", "stop"],
    ["102", { errMsg: "getPhoneNumber:fail", errno: 102 }, "phone_no_permission", "stop"],
    [
      "a personal app",
      { errMsg: "getPhoneNumber:fail no permission" },
      "phone_no_permission",
      "stop",
    ],
    [
      "an app without the right",
      { errMsg: "getPhoneNumber:fail operateWXData:fail jsapi has no permission" },
      "phone_no_permission",
      "stop",
    ],
    [
      "privacy",
      { errMsg: "getPhoneNumber:fail privacy permission is not authorized" },
      "privacy_denied",
      "new_tap",
    ],
    ["104", { errMsg: "getPhoneNumber:fail", errno: 104 }, "privacy_denied", "new_tap"],
    ["101102", { errMsg: "getPhoneNumber:fail", errno: 101102 }, "privacy_denied", "new_tap"],
    ["112", { errMsg: "getPhoneNumber:fail", errno: 112 }, "privacy_undeclared", "stop"],
    [
      "undeclared",
      {
        errMsg: "getPhoneNumber:fail api scope is not declared in the privacy agreement",
      },
      "privacy_undeclared",
      "stop",
    ],
  ])("%s", async (_, detail, code, action) => {
    const { auth, wx } = live();
    for (const tapped of [detail, { detail }]) {
      const why: AuthError = await failure(auth.loginByPhone(tapped));
      expect(why).toMatchObject({ code, action, status: 0 });
      expect(why.title).toMatch(/\p{Script=Han}/u);
      expect(why.message).toMatch(/\p{Script=Han}/u);
      expect(await failure(auth.bindPhone(tapped))).toMatchObject({ code });
    }
    expect(wx.calls).toEqual([]);
    expect(wx.logins).toBe(0);
  });

  it("logs in with one tap", async () => {
    const { auth, server } = live();
    await within(auth.loginByPhone({ detail: { errMsg: "getPhoneNumber:ok", code: "PHONE" } }));
    expect(server.last("/v1/login/phone").body).toMatchObject({
      code: expect.stringMatching(/^ann/),
      phone_code: "PHONE",
    });
  });
});

describe("binding a phone", () => {
  it("goes by the code where there is one, which no rotation can spoil", async () => {
    const { auth, server } = await signedIn();
    await within(auth.bindPhone({ ...BLOB, code: "PHONE" }));
    const { body } = server.last("/v1/me/phone");
    expect(body).toEqual({ code: "PHONE", proof_code: expect.stringMatching(/^ann/) });
    expect(auth.account?.phone).toBe("138****6666");
  });

  it("with a code it recovers from an expired session without the person noticing", async () => {
    const { auth, server } = await signedIn();
    server.endAll("session_idle");
    await within(auth.bindPhone({ ...BLOB, code: "PHONE" }), 500);
    expect(server.count("/v1/me/phone")).toBe(2);
  });

  it("the old way calls no wx.login between the tap and the sending", async () => {
    const { auth, wx, server } = await signedIn();
    await within(auth.bindPhone(BLOB));
    expect(server.last("/v1/me/phone").body).toEqual({ encrypted_data: "BLOB", iv: "IV" });
    expect(wx.logins).toBe(1);
  });

  it("a rotation since: logs in, and asks for a second tap", async () => {
    const { auth, wx, server } = await signedIn();
    server.refuse("POST /v1/me/phone", problem(409, "session_key_stale"));
    const why = await failure(auth.bindPhone(BLOB));
    expect(why).toMatchObject({ code: "session_key_stale", action: "new_tap" });
    expect(wx.logins).toBe(2);
    expect(server.count("/v1/me/phone")).toBe(1);
    server.rules.clear();
    expect(await within(auth.bindPhone(BLOB))).toEqual({ phone: "138****6666", countryCode: "86" });
  });

  it("a session that is over: logs in once, never sends the blob again, asks for a tap", async () => {
    const { auth, wx, server } = await signedIn();
    server.endAll("session_expired");
    const why = await failure(auth.bindPhone(BLOB), 500);
    expect(why).toMatchObject({ code: "session_key_stale", action: "new_tap" });
    expect(wx.logins).toBe(2);
    expect(server.count("/v1/me/phone")).toBe(1);
    await within(auth.bindPhone(BLOB));
    expect(wx.logins).toBe(2);
  });

  it("no session yet: logs in, and never sends a blob that the new key cannot open", async () => {
    const { auth, wx, server } = live();
    expect(await failure(auth.bindPhone(BLOB), 500)).toMatchObject({ action: "new_tap" });
    expect(wx.logins).toBe(1);
    expect(server.count("/v1/me/phone")).toBe(0);
  });

  it("somebody else's wx.login in between", async () => {
    const { auth, wx, server } = live({ maxConnections: 1 });
    await within(auth.login());
    const busy = auth.request({ url: "/slow" });
    const bound = auth.bindPhone(BLOB);
    const code = auth.sendCode({ phone: "13800006666", purpose: "link" });
    expect(await failure(bound)).toMatchObject({ action: "new_tap" });
    await within(Promise.all([busy, code]));
    expect(server.count("/v1/me/phone")).toBe(0);
    expect(wx.logins).toBe(2);
  });

  it("by SMS, with the proof that was given", async () => {
    const { auth, server } = await signedIn();
    const by = { phone: "13800006666", verificationCode: "111111" };
    await within(auth.bindPhoneBySms(by, { verificationCode: "222222" }));
    expect(server.last("/v1/me/phone").body).toEqual({
      phone: "13800006666",
      verification_code: "111111",
      proof_verification_code: "222222",
    });
    await within(auth.bindPhoneBySms(by, { currentPassword: "correct horse" }));
    expect(server.last("/v1/me/phone").body.current_password).toBe("correct horse");
  });
});
