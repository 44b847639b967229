// @vitest-environment jsdom
import { beforeEach, describe, expect, test } from "vitest";
import { bodyOf, json, openPhone, type Serve } from "./wx_phone";

const INFO = { errMsg: "getUserInfo:ok", userInfo: { nickName: "微信用户" }, rawData: "{}" };

function weChat(authSetting: Record<string, boolean>): Serve {
  return ({ url, init }) => {
    if (url.endsWith("/getUserInfo")) return json(INFO);
    if (url.endsWith("/authorize")) {
      const { scope, answer } = JSON.parse(String(init.body));
      authSetting[scope] = answer === "allow";
    }
    return json({ errMsg: "getSetting:ok", authSetting });
  };
}

function open(authSetting: Record<string, boolean> = {}) {
  const phone = openPhone(weChat(authSetting));
  phone.platform.agreePrivacy("b");
  return phone;
}

beforeEach(() => localStorage.clear());

describe("what WeChat tells of the person", () => {
  test("getUserInfo: somebody", async () => {
    expect(await open().call("getUserInfo")).toEqual(INFO);
  });

  test("getUserProfile wants a tap and a short reason, and then tells somebody too", async () => {
    const { call } = open();
    expect((await call("getUserProfile", { desc: "用于展示" })).userInfo).toEqual(INFO.userInfo);
    const tooLong = await call("getUserProfile", { desc: "长".repeat(31) });
    expect(tooLong.errMsg).toBe("getUserProfile:fail desc length does not meet the requirements");
    Object.assign(navigator, { userActivation: { isActive: false } });
    expect((await call("getUserProfile", { desc: "用于展示" })).errMsg).toBe(
      "getUserProfile:fail can only be invoked by user TAP gesture.",
    );
    Object.assign(navigator, { userActivation: undefined });
  });
});

describe("what the person allows", () => {
  test("is asked once; a no is remembered and not asked again", async () => {
    const { call, shell } = open();
    shell.askAuthorize.mockResolvedValue(false);
    const refused = { errMsg: "authorize:fail auth deny", errno: 103 };
    expect(await call("authorize", { scope: "scope.camera" })).toEqual(refused);
    expect(await call("authorize", { scope: "scope.camera" })).toEqual(refused);
    expect(shell.askAuthorize).toHaveBeenCalledOnce();
    expect((await call("getSetting")).authSetting).toEqual({ "scope.camera": false });
  });

  test("scope.userInfo is given without a question", async () => {
    const { call, shell } = open();
    expect((await call("authorize", { scope: "scope.userInfo" })).errMsg).toBe("authorize:ok");
    expect(shell.askAuthorize).not.toHaveBeenCalled();
    expect((await call("getSetting")).authSetting).toEqual({ "scope.userInfo": true });
  });

  test("changes in the settings reach WeChat", async () => {
    const { call, shell, sent } = open({ "scope.camera": false, "scope.record": true });
    const after = { "scope.camera": true, "scope.record": true };
    shell.askSettings.mockResolvedValue(after);
    expect((await call("openSetting")).authSetting).toEqual(after);
    const changes = sent.filter(({ url }) => url.endsWith("/authorize")).map(bodyOf);
    expect(changes).toMatchObject([{ scope: "scope.camera", answer: "allow" }]);
  });
});
