import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as everything from "../src/index";
import { problem } from "./fake_server";
import { failure, live, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const SECRETS = ["token-1.secret", "ann.code", "correct horse", "13800006666", "PHONE-CODE"];

const expectNoSecret = (thing: unknown) => {
  const shown = `${inspect(thing, { depth: 9 })}${JSON.stringify(thing)}${thing}`;
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
};

describe("secrets", () => {
  it.each([true, false])("are in nothing that is thrown (offline: %s)", async (isOffline) => {
    const { auth, wx, server } = live();
    await within(auth.login());
    wx.isOffline = isOffline;
    for (const door of ["login", "login/password", "login/sms", "login/phone", "me/phone", "me"]) {
      for (const method of ["GET", "POST"]) {
        server.refuse(`${method} /v1/${door}`, problem(400, "request_invalid"));
      }
    }
    const calls = [
      () => auth.login(),
      () => auth.me(),
      () => auth.loginByPassword({ username: "ann", password: "correct horse", linkWeChat: true }),
      () => auth.loginBySms({ phone: "13800006666", verificationCode: "1" }),
      () => auth.loginByPhone({ code: "PHONE-CODE" }),
      () => auth.bindPhone({ code: "PHONE-CODE" }),
    ];
    for (const call of calls) expectNoSecret(await failure(call(), 500));
  });

  it("the token is in nothing that comes out: results, events, the object itself", async () => {
    const { auth, heard } = live();
    const result = await within(auth.login());
    expectNoSecret([result, heard, auth]);
    await within(auth.logout());
    expectNoSecret([heard, auth.hold]);
  });

  it("nothing goes into an address or a log", async () => {
    const log = vi.spyOn(console, "log");
    const error = vi.spyOn(console, "error");
    const { auth, wx } = live();
    await within(auth.login());
    await within(auth.loginByPhone({ code: "PHONE-CODE" }));
    await within(auth.bindPhoneBySms({ phone: "13800006666", verificationCode: "1" }));
    expectNoSecret(wx.calls.map((call) => call.url));
    expect(log).not.toHaveBeenCalled();
    expect(error).not.toHaveBeenCalled();
  });

  it("nothing is read from how the app was launched", async () => {
    const { wx } = live();
    const launch = vi.fn(() => ({ query: { token: "evil", code: "evil" } }));
    Object.assign(wx, { getLaunchOptionsSync: launch, getEnterOptionsSync: launch });
    const { auth } = live({}, wx);
    await within(auth.start());
    expect(launch).not.toHaveBeenCalled();
    expect(JSON.stringify(wx.calls)).not.toContain("evil");
  });
});

describe("what the package exports", () => {
  it("is three names", () => {
    const names = Object.keys(everything).filter((name) => name !== "default");
    expect(names.sort()).toEqual(["AuthError", "createAuth", "privacyConsent"]);
  });
});
