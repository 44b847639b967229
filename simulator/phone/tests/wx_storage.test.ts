// @vitest-environment jsdom
import { beforeEach, describe, expect, test } from "vitest";
import { openPhone } from "./wx_phone";

beforeEach(() => localStorage.clear());

describe("storage", () => {
  test.each([
    ["a text", "x"],
    ["an empty text", ""],
    ["zero", 0],
    ["no", false],
    ["null", null],
    ["a list", [1, { a: "甲" }]],
    ["a date", new Date(86_400_000)],
  ])("%s comes back as it was", async (_, value) => {
    const { wx, call } = openPhone();
    await call("setStorage", { key: "k", data: value });
    expect((await call("getStorage", { key: "k" })).data).toEqual(value);
    wx.setStorageSync?.("s", value);
    expect(wx.getStorageSync?.("s")).toEqual(value);
  });

  test("a key that is not there: an empty text in one go, a refusal otherwise", async () => {
    const { wx, call } = openPhone();
    expect(wx.getStorageSync?.("none")).toBe("");
    expect((await call("getStorage", { key: "none" })).errMsg).toBe(
      "getStorage:fail data not found",
    );
  });

  test("two people, two phones and two mini programs share nothing", () => {
    const mine = openPhone();
    mine.wx.setStorageSync?.("k", "mine");
    const app = (app_id: string) => ({
      config: { app_id, env_version: "develop" as const, sim: "", forward: {}, label: "" },
    });
    const others = [{ user: "bob" }, { device: "phone-2" }, app("wxother")];
    for (const other of others) {
      const { wx } = openPhone(undefined, other);
      expect(wx.getStorageSync?.("k")).toBe("");
      wx.clearStorageSync?.();
    }
    // A colon in a name must not make it another's.
    openPhone(undefined, { user: "a:b", device: "c" }).wx.setStorageSync?.("k", "theirs");
    const sly = openPhone(undefined, { user: "a", device: "b:c" });
    expect(sly.wx.getStorageSync?.("k")).toBe("");
    expect(openPhone().wx.getStorageSync?.("k")).toBe("mine");
  });

  test("one megabyte a key, ten in all, and what was there stays", () => {
    const { wx } = openPhone();
    const megabyte = "x".repeat(1024 * 1024);
    expect(() => wx.setStorageSync?.("big", megabyte)).toThrow(
      "setStorage:fail entry size limit reached",
    );
    wx.setStorageSync?.("small", "kept");
    // jsdom's own storage holds five million characters, less than WeChat's ten megabytes.
    const fill = () => {
      for (let n = 0; n < 11; n += 1) wx.setStorageSync?.(`k${n}`, megabyte.slice(100));
    };
    expect(fill).toThrow("setStorage:fail exceed storage max size 10Mb");
    expect(wx.getStorageSync?.("small")).toBe("kept");
  });

  test("the sum of all keys counts, not that of the one written anew", () => {
    const held = new Map<string, string>();
    const roomy = {
      get length() {
        return held.size;
      },
      key: (n: number) => [...held.keys()][n] ?? null,
      getItem: (key: string) => held.get(key) ?? null,
      setItem: (key: string, value: string) => void held.set(key, value),
      removeItem: (key: string) => void held.delete(key),
      clear: () => held.clear(),
    };
    const roomyWindow = new Proxy(window, {
      get: (real, name) => (name === "localStorage" ? roomy : Reflect.get(real, name)),
    }) as Window & typeof globalThis;
    const { wx } = openPhone(undefined, { window: roomyWindow });
    const most = "x".repeat(1024 * 1024 - 100);
    for (let n = 0; n < 10; n += 1) wx.setStorageSync?.(`k${n}`, most);
    expect(() => wx.setStorageSync?.("k10", most)).toThrow("exceed storage max size 10Mb");
    wx.setStorageSync?.("k9", most);
    expect(wx.getStorageInfoSync?.()).toMatchObject({ currentSize: 10240, limitSize: 10240 });
  });

  test("what was kept encrypted is found only where it is asked for encrypted", async () => {
    const { call } = openPhone();
    await call("setStorage", { key: "k", data: 1, encrypt: true });
    expect((await call("getStorage", { key: "k" })).errMsg).toBe("getStorage:fail data not found");
    expect((await call("getStorage", { key: "k", encrypt: true })).data).toBe(1);
  });

  test("removing and clearing take away the mini program's keys alone", async () => {
    localStorage.setItem("foreign", "1");
    const { wx, call } = openPhone();
    wx.setStorageSync?.("a", 1);
    wx.setStorageSync?.("b", 1);
    wx.removeStorageSync?.("a");
    expect(wx.getStorageInfoSync?.()).toMatchObject({ keys: ["b"] });
    await call("clearStorage");
    expect(wx.getStorageInfoSync?.()).toMatchObject({ keys: [], currentSize: 0 });
    expect(localStorage.getItem("foreign")).toBe("1");
  });

  test("what is kept is told outside, without the token", () => {
    const { wx, facts } = openPhone();
    wx.setStorageSync?.("auth", { token: "very-secret-token", expires: 5 });
    wx.setStorageSync?.("text", JSON.stringify({ access: { token: "very-secret-token" } }));
    wx.removeStorageSync?.("auth");
    expect(facts).toMatchObject([
      { kind: "storage", key: "auth", value: { token: "very-s…", expires: 5 } },
      { kind: "storage", key: "text" },
      { kind: "storage", key: "auth", value: null },
    ]);
    expect(JSON.stringify(facts)).not.toContain("very-secret-token");
  });
});
