// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from "vitest";
import { bodyOf, json, openPhone, type Serve } from "./wx_phone";

afterEach(() => void vi.useRealTimers());

function coded(): Serve {
  let count = 0;
  return ({ url }) => {
    if (url !== "/sim/wx/login") return json({ errMsg: "checkSession:ok" });
    count += 1;
    return json({ errMsg: "login:ok", code: `code-number-${count}` });
  };
}

describe("wx.login", () => {
  test("asks WeChat as this person on this phone, and a code is new each time", async () => {
    const phone = openPhone(coded(), { user: "bob", device: "phone-2" });
    expect(await phone.call("login")).toEqual({ errMsg: "login:ok", code: "code-number-1" });
    expect(await phone.call("login")).toEqual({ errMsg: "login:ok", code: "code-number-2" });
    expect(phone.sent.at(-1)?.url).toBe("/sim/wx/login");
    expect(bodyOf(phone.sent.at(-1))).toEqual({
      app_id: "wxtest",
      user_id: "bob",
      device: "phone-2",
    });
  });

  test("a direction makes the next one give the last code again, once", async () => {
    const { call, directed } = openPhone(coded());
    await call("login");
    directed.repeatCode();
    expect((await call("login")).code).toBe("code-number-1");
    expect((await call("login")).code).toBe("code-number-2");
  });

  test("the last code outlives a cold start, as one that a mini program kept too long", async () => {
    const serve = coded();
    await openPhone(serve).call("login");
    const { call, directed } = openPhone(serve);
    directed.repeatCode();
    expect((await call("login")).code).toBe("code-number-1");
    expect((await call("login")).code).toBe("code-number-2");
  });

  test("is told outside with its code shortened", async () => {
    const { call, facts } = openPhone(coded());
    await call("login");
    expect(facts).toMatchObject([
      { kind: "wx", name: "login", ok: true, detail: { code: "code-n…" } },
    ]);
  });

  test("gives up after its time", async () => {
    vi.useFakeTimers();
    const { wx } = openPhone(() => new Promise(() => {}));
    const fail = vi.fn();
    wx.login?.({ timeout: 5000, fail });
    await vi.advanceTimersByTimeAsync(5000);
    expect(fail).toHaveBeenCalledWith({ errMsg: "login:fail time out", errno: 5 });
  });

  test("where the simulator itself refuses, its reason is told", async () => {
    const { call } = openPhone(() => json({ detail: "没有这个小程序" }, 404));
    expect((await call("login")).errMsg).toBe("login:fail system error: 没有这个小程序");
  });
});

describe("wx.checkSession", () => {
  test("fails in WeChat's words once the session_key is gone", async () => {
    const told = { errMsg: "checkSession:fail session time out, need relogin" };
    expect(await openPhone(() => json(told)).call("checkSession")).toEqual(told);
    expect(await openPhone(coded()).call("checkSession")).toEqual({ errMsg: "checkSession:ok" });
  });
});
