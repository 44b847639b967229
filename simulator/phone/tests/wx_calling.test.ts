// @vitest-environment jsdom
import { describe, expect, test, vi } from "vitest";
import { json, openPhone } from "./wx_phone";

describe("how wx is called", () => {
  test("without callbacks a promise comes back, with one of them none", async () => {
    const { wx } = openPhone(() => json({ errMsg: "login:ok", code: "0abcdef" }));
    expect(await wx.login?.()).toEqual({ errMsg: "login:ok", code: "0abcdef" });
    expect(wx.login?.({ complete: () => {} })).toBeUndefined();
  });

  test("a refused promise gives what fail would have been given", async () => {
    const { wx, call } = openPhone();
    const told = { errMsg: "getStorage:fail data not found" };
    await expect(wx.getStorage?.({ key: "none" })).rejects.toEqual(told);
    expect(await call("getStorage", { key: "none" })).toEqual(told);
  });

  test("complete is called after success, and after fail", async () => {
    const { wx } = openPhone();
    const heard: string[] = [];
    for (const key of ["none", ""]) {
      wx.getStorage?.({
        key,
        success: () => heard.push("success"),
        fail: () => heard.push("fail"),
        complete: () => heard.push("complete"),
      });
    }
    await vi.waitFor(() => expect(heard).toEqual(["fail", "complete", "fail", "complete"]));
  });

  test("a callback that throws is told to the mini program, and complete is still called", async () => {
    const { wx, host } = openPhone();
    const complete = vi.fn();
    const success = () => {
      throw new Error("mine");
    };
    wx.setStorage?.({ key: "a", data: 1, success, complete });
    await vi.waitFor(() => expect(complete).toHaveBeenCalledOnce());
    expect(host.errors).toEqual([new Error("mine")]);
  });

  test("an option of the wrong type is refused in WeChat's words", async () => {
    const { call } = openPhone();
    expect((await call("setStorage", { data: 1 })).errMsg).toBe(
      "setStorage:fail parameter error: parameter.key should be String instead of Undefined;",
    );
  });

  test("what the phone does not have is absent, named once, and canIUse says no", () => {
    const { wx } = openPhone();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(wx.createVKSession).toBeUndefined();
    expect(wx.createVKSession).toBeUndefined();
    expect(warn.mock.calls).toEqual([[expect.stringContaining("wx.createVKSession")]]);
    expect(wx.canIUse?.("createVKSession")).toBe(false);
    expect(wx.canIUse?.("request.object.timeout")).toBe(true);
    expect(wx.canIUse?.("cloud.callContainer")).toBe(true);
    expect(wx.canIUse?.("cloud.callFunction")).toBe(false);
    expect(wx.canIUse?.("toString")).toBe(false);
  });

  test("navigations fail with the reason the host gives", async () => {
    const { call, host } = openPhone();
    vi.mocked(host.navigateTo).mockRejectedValue(new Error('page "pages/x" is not found'));
    expect(await call("navigateTo", { url: "/pages/x" })).toEqual({
      errMsg: 'navigateTo:fail page "pages/x" is not found',
    });
  });
});
