import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer } from "./fake_server";
import { FakeWx } from "./fake_wx";
import { failure, live, within } from "./life";

beforeEach(() => vi.useFakeTimers({ now: new Date("2026-11-22T08:00:00Z") }));
afterEach(() => vi.useRealTimers());

const PLACE = "wxlogin:wxapp:release";
const YEAR = 365 * 24 * 3600 * 1000;

const signedIn = async () => {
  const life = live();
  await within(life.auth.login());
  return life;
};

describe("what lies in storage", () => {
  it("is taken up by the next life, without a login", async () => {
    const { wx } = await signedIn();
    const { auth, server } = live({}, wx);
    expect(auth.account?.id).toBe("ann");
    expect(auth.isSignedIn).toBe(true);
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
    expect(wx.logins).toBe(1);
    expect(server.last("/a").token).toBe("token-1.secret");
  });

  it("is one record, under the app and where it runs", async () => {
    const { wx } = await signedIn();
    wx.mini.envVersion = "develop";
    const { auth } = live({}, wx);
    expect(auth.isSignedIn).toBe(false);
    await within(auth.login());
    expect([...wx.storage.keys()]).toEqual([PLACE, "wxlogin:wxapp:develop"]);
  });

  it("is read once", async () => {
    const { auth, wx } = await signedIn();
    const read = vi.spyOn(wx, "getStorageSync");
    await within(auth.request({ url: "/a" }));
    expect(read).not.toHaveBeenCalled();
  });

  const sound = (): Record<string, unknown> => ({
    of: PLACE,
    deviceId: "d1",
    token: "stolen-token.x",
    account: { id: "ann", identities: [] },
    at: Date.now(),
    life: 1000,
    byWeChat: true,
  });

  it("is believed where it is sound", async () => {
    const wx = new FakeWx(new FakeServer());
    wx.storage.set(PLACE, sound());
    expect(live({}, wx).auth.isSignedIn).toBe(true);
  });

  it.each<[string, unknown]>([
    ["a text", "token"],
    ["a number", 7],
    ["an array", []],
    ["an empty object", {}],
    ["another app's record", { ...sound(), of: "wxlogin:wxother:release" }],
    ["a token of another type", { ...sound(), token: { a: 1 } }],
    ["a token that would break the header", { ...sound(), token: "a\r\nX-Evil: 1" }],
    ["a time that is none", { ...sound(), at: "yesterday" }],
    ["a life that is none", { ...sound(), life: null, at: undefined }],
    ["no account", { ...sound(), account: undefined }],
    ["an account that is none", { ...sound(), account: "ann" }],
    ["agreements that are none", { ...sound(), agreements: "all" }],
    ["a hold that is none", { ...sound(), hold: 5, of: 0 }],
  ])("%s is ignored and removed", async (_, garbage) => {
    const wx = new FakeWx(new FakeServer());
    wx.storage.set(PLACE, garbage);
    const { auth } = live({}, wx);
    expect(wx.storage.has(PLACE)).toBe(false);
    expect([auth.account, auth.hold, auth.isSignedIn]).toEqual([null, null, false]);
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
    expect(JSON.stringify(wx.calls)).not.toContain("stolen-token");
  });

  it("a full disk: goes on in memory, and leaves no token of yesterday", async () => {
    const { auth, wx, server } = await signedIn();
    wx.isDiskFull = true;
    server.endAll("session_expired");
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
    expect((await within(auth.request({ url: "/b" }))).statusCode).toBe(200);
    expect(wx.logins).toBe(2);
    expect(wx.storage.has(PLACE)).toBe(false);
  });

  it("a storage that throws at everything", async () => {
    const wx = new FakeWx(new FakeServer());
    const broken = () => {
      throw new Error("storage broken");
    };
    Object.assign(wx, {
      getStorageSync: broken,
      setStorageSync: broken,
      removeStorageSync: broken,
    });
    const { auth } = live({}, wx);
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
  });

  it("the device keeps its name over restarts, and is described", async () => {
    const { wx, server } = await signedIn();
    await within(live({ device: { name: "My phone" } }, wx).auth.login());
    const [first, second] = server.seen.map((each) => each.body.device as { id: string });
    expect(first).toMatchObject({ name: "HUAWEI Mate 60", platform: "android" });
    expect(second).toMatchObject({ id: first?.id, name: "My phone", platform: "android" });
  });

  it("agreements and context go along with logins", async () => {
    const { wx } = await signedIn();
    live({}, wx).auth.setAgreements([{ id: "privacy", version: "2026-11" }]);
    const { auth, server } = live({ context: () => ({ inviter: "bob" }) }, wx);
    await within(auth.login());
    expect(server.last("/v1/login").body).toMatchObject({
      agreements: [{ id: "privacy", version: "2026-11" }],
      context: { inviter: "bob" },
    });
  });
});

describe("a clock that is wrong", () => {
  it.each([YEAR, -YEAR])("by %d ms from the beginning: one login", async (off) => {
    vi.setSystemTime(Date.now() + off);
    const { auth, wx } = live();
    for (let n = 0; n < 10; n++) await within(auth.request({ url: "/a" }));
    expect(wx.logins).toBe(1);
  });

  it.each([YEAR, -YEAR])("that jumps by %d ms while it runs: at most one more", async (off) => {
    const { auth, wx } = await signedIn();
    vi.setSystemTime(Date.now() + off);
    for (let n = 0; n < 10; n++) await within(auth.request({ url: "/a" }));
    vi.setSystemTime(Date.now() - off);
    for (let n = 0; n < 10; n++) await within(auth.request({ url: "/a" }));
    expect(wx.logins).toBeLessThanOrEqual(2);
    expect(auth.isSignedIn).toBe(true);
  });

  it("that is set back does not lock a phone out that waits", async () => {
    const { auth, server } = live();
    server.answer = vi.fn(() => ({ statusCode: 403, data: { code: "x" }, header: {} }));
    await failure(auth.request({ url: "/a" }));
    vi.setSystemTime(Date.now() - YEAR);
    await failure(auth.request({ url: "/a" }));
    expect(server.answer).toHaveBeenCalledTimes(2);
  });

  it("a token past its limit is not sent; an idle one is: a kick must be heard", async () => {
    const { auth, wx, server } = await signedIn();
    server.endAll("session_revoked", { reason: "kick" });
    vi.setSystemTime(Date.now() + 8 * 24 * 3600 * 1000);
    expect(auth.isSignedIn).toBe(true);
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({ code: "session_revoked" });
    await within(auth.login());
    vi.setSystemTime(Date.now() + 31 * 24 * 3600 * 1000);
    expect(auth.isSignedIn).toBe(false);
    await within(auth.request({ url: "/b" }));
    expect(server.count("/b")).toBe(1);
    expect(wx.logins).toBe(3);
  });

  it.each([0, -1, Number.NaN, undefined])("a life of %s seconds is no loop", async (life) => {
    const { auth, wx, server } = live();
    server.expiresIn = life as number;
    for (let n = 0; n < 10; n++) await within(auth.request({ url: "/a" }));
    expect(wx.logins).toBe(1);
  });
});
