import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromTaro } from "../src/adapters/taro";
import { fromUni } from "../src/adapters/uni";
import { createAuth } from "../src/index";
import { FakeServer } from "./fake_server";
import { FakeWx } from "./fake_wx";
import { failure, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const baseURL = "https://login.example.com";

describe("uni-app", () => {
  it("tells uni.login whose login is meant, and leaves the rest to uni", async () => {
    const wx = new FakeWx(new FakeServer());
    const login = vi.fn(wx.login);
    const auth = createAuth({ baseURL, wx: fromUni(Object.assign(wx, { login })) });
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
    expect(login).toHaveBeenCalledWith(expect.objectContaining({ provider: "weixin" }));
    expect(wx.storage.size).toBe(1);
    await within(auth.connectSocket({ url: "/a" }));
  });
});

type Callbacks = { success: (result: object) => void; fail: (why: object) => void };

/** Taro answers by callback and by promise. */
const taroOf = (wx: FakeWx) => {
  const twice = (call: (options: never) => unknown) => (options: Callbacks) =>
    new Promise((resolve, reject) => {
      const success = (result: object) => {
        options.success(result);
        resolve(result);
      };
      const fail = (why: object) => {
        options.fail(why);
        reject(why);
      };
      call({ ...options, success, fail } as never);
    });
  return {
    ...wx,
    login: twice(wx.login),
    checkSession: twice(wx.checkSession),
    request: twice(wx.request),
    uploadFile: twice(wx.uploadFile),
    downloadFile: twice(wx.downloadFile),
    connectSocket: async (options: never) => wx.connectSocket(options),
  };
};

describe("Taro", () => {
  it("logs in, and a failure is told once", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const wx = new FakeWx(new FakeServer());
    const auth = createAuth({ baseURL, wx: fromTaro(taroOf(wx)) });
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
    wx.isOffline = true;
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({ code: "network_error" });
    vi.useRealTimers();
    await new Promise((go) => setTimeout(go, 5));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("a socket that comes by promise is one like any other", async () => {
    const wx = new FakeWx(new FakeServer());
    const auth = createAuth({ baseURL, wx: fromTaro(taroOf(wx)) });
    const socket = await within(auth.connectSocket({ url: "/a" }));
    expect(() => socket.send({ data: "hello" })).not.toThrow();
    expect(wx.calls.at(-1)?.header.Authorization).toBe("Bearer token-1.secret");
  });
});
