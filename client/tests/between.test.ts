import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { problem, type Reply } from "./fake_server";
import type { FakeWx } from "./fake_wx";
import { failure, live, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const html = (statusCode: number): Reply => ({ statusCode, data: "<html></html>", header: {} });

const signedIn = async () => {
  const life = live();
  await within(life.auth.login());
  return life;
};

type Options = { url: string; success(reply: object): void; fail(why?: object): void };

/** Answers of one address come this much later. */
const slow = (wx: FakeWx, path: string, milliseconds: number) => {
  const { request } = wx;
  wx.request = (options) => {
    const { url, success } = options as Options;
    if (!url.endsWith(path)) return request(options);
    return request({
      ...options,
      success: (reply) => void setTimeout(() => success(reply), milliseconds),
    });
  };
};

describe("whoever answers in the server's place", () => {
  it("a hotel's network answers 200 with a page: an error, and the account stays as it was", async () => {
    const { auth, server, heard } = await signedIn();
    const before = auth.account;
    server.refuse("GET /v1/me", html(200));
    expect(await failure(auth.me())).toMatchObject({ code: "http_error" });
    expect(await failure(auth.start())).toMatchObject({ code: "http_error" });
    expect([auth.account, auth.isSignedIn]).toEqual([before, true]);
    expect(heard.signedOut).toEqual([]);
  });

  it("once that network lets through, so does the login", async () => {
    const { auth, server } = live();
    server.refuse("POST /v1/login", html(200));
    await failure(auth.request({ url: "/a" }));
    server.rules.clear();
    await vi.advanceTimersByTimeAsync(1000);
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
  });

  it("a gateway's 403 on a silent login signs nobody out", async () => {
    const { wx, server } = await signedIn();
    wx.checkSessionFails = true;
    server.refuse("POST /v1/login", html(403));
    const { auth, heard } = live({ strategy: "checkSession" }, wx);
    expect((await within(auth.request({ url: "/a" }), 500)).statusCode).toBe(200);
    expect(heard.signedOut).toEqual([]);
  });

  it("a business 401 with an `action` of its own signs nobody out", async () => {
    const { auth, server, heard } = await signedIn();
    const data = { code: "pin_wrong", action: "ask_pin" };
    server.refuse("GET /pin", { statusCode: 401, data, header: {} });
    expect((await within(auth.request({ url: "/pin" }))).data).toEqual(data);
    expect(heard.signedOut).toEqual([]);
  });

  it("a name in an answer changes no prototype", async () => {
    const { auth, server } = await signedIn();
    const data = JSON.parse('{"code":"x","____proto____":{"then":1},"__proto__":{"then":1}}');
    server.refuse("GET /v1/me", { statusCode: 403, data, header: {} });
    const why = await failure(auth.me());
    expect(why).toBeInstanceOf(Error);
    expect((why as { then?: unknown }).then).toBeUndefined();
  });

  it("a pause that is no number locks nobody out", async () => {
    const { auth, server } = live();
    server.refuse("POST /v1/login", problem(429, "rate_limited", { retry_after: "soon" }));
    await failure(auth.request({ url: "/a" }));
    server.rules.clear();
    await vi.advanceTimersByTimeAsync(1000);
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
  });

  it.each(["/good", "/bad"])(
    "one address refuses all, another none (%s is slow): no loop",
    async (path) => {
      const { auth, wx, server } = live();
      slow(wx, path, 100);
      server.refuse("GET /bad", problem(401, "session_invalid"));
      for (let second = 0; second < 60; second++) {
        auth.request({ url: "/good" }).catch(() => {});
        auth.request({ url: "/bad" }).catch(() => {});
        await vi.advanceTimersByTimeAsync(1000);
      }
      expect(wx.logins).toBeLessThanOrEqual(2);
    },
  );
});

describe("a phone that does not answer", () => {
  it("a request that is never answered keeps no login waiting for ever", async () => {
    const { auth, wx } = live();
    const { request } = wx;
    wx.request = () => ({ abort: () => {}, onProgressUpdate: () => {} });
    expect(await failure(auth.login(), 21000)).toMatchObject({ code: "timeout" });
    wx.request = request;
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
  });

  it("one that fails without a word", async () => {
    const { auth, wx } = live();
    wx.request = (options) => (options as Options).fail() as never;
    expect(await failure(auth.login())).toMatchObject({ code: "network_error" });
  });

  it("50 requests without a network share one attempt", async () => {
    const { auth, wx } = live();
    wx.isOffline = true;
    const asked = Array.from({ length: 50 }, () => failure(auth.request({ url: "/a" }), 5000));
    for (const why of await Promise.all(asked))
      expect(why).toMatchObject({ code: "network_error" });
    expect(wx.logins).toBe(1);
  });

  it("a file may take longer than a request", async () => {
    const { auth, wx } = await signedIn();
    const [request, download] = [vi.spyOn(wx, "request"), vi.spyOn(wx, "downloadFile")];
    await within(auth.request({ url: "/a" }));
    await within(auth.downloadFile({ url: "/f" }));
    expect(request.mock.calls[0]?.[0]).toMatchObject({ timeout: 15000 });
    expect(download.mock.calls[0]?.[0]).toMatchObject({ timeout: undefined });
  });

  it("never two wx.login at a time, whatever their codes are for", async () => {
    const { auth, wx } = await signedIn();
    const { login } = wx;
    let [now, most] = [0, 0];
    wx.login = ({ success }) => {
      most = Math.max(most, ++now);
      login({
        success: (result) => {
          now--;
          success?.(result);
        },
      });
    };
    const to = { phone: "13800006666", purpose: "link" } as const;
    const calls = [auth.login(), auth.sendCode(to), auth.erase(), auth.sendCode(to)];
    await within(Promise.all(calls), 1000);
    expect(most).toBe(1);
  });
});

describe("one person after another", () => {
  const words = { username: "bob", password: "correct horse" };

  it("an answer about the one is not remembered of the other", async () => {
    const { auth, wx } = await signedIn();
    slow(wx, "/v1/me", 500);
    const late = auth.me();
    await within(auth.loginByPassword(words));
    expect((await within(late, 1000)).id).toBe("ann");
    expect(auth.account?.id).toBe("words");
  });

  it("what the one asked for is not done in the name of the other", async () => {
    const { auth, server } = await signedIn();
    server.endAll("session_idle");
    const order = auth.request({ url: "/order", method: "POST" });
    const tapped = auth.loginByPassword(words);
    expect(await failure(order)).toMatchObject({ code: "session_revoked" });
    await tapped;
    expect(server.count("/order")).toBe(1);
    expect(auth.isSignedIn).toBe(true);
  });

  it("two who type their names at once each get their own answer", async () => {
    const { auth, server } = live();
    const both = [auth.loginByPassword(words), auth.loginByPassword({ ...words, username: "eve" })];
    await within(Promise.all(both));
    const names = server.seen.map((each) => each.body.username);
    expect(names).toEqual(["bob", "eve"]);
  });

  it("a tap while WeChat's login is checked is not undone by a silent one", async () => {
    const { wx } = await signedIn();
    wx.checkSessionFails = true;
    const { auth } = live({ strategy: "checkSession" }, wx);
    const asked = auth.request({ url: "/a" }).catch((why) => why);
    await vi.advanceTimersByTimeAsync(15);
    await within(auth.loginByPassword(words));
    expect(await asked).toMatchObject({ code: "session_revoked" });
    expect([auth.account?.id, auth.hold]).toEqual(["words", null]);
  });

  it("a logout the moment a login is made: no request goes without a token", async () => {
    const { auth, server } = live();
    const tapped = auth.login();
    const over = auth.logout();
    const why = failure(auth.request({ url: "/a" }));
    await within(Promise.all([tapped, over]));
    expect(await why).toMatchObject({ code: "session_revoked", action: "ask" });
    expect(server.count("/a")).toBe(0);
  });
});

it.each(["503", "offline"])(
  "checkSession: a kick that nobody can tell of (%s) is not undone",
  async (how) => {
    const { wx, server } = await signedIn();
    wx.checkSessionFails = true;
    server.endAll("session_revoked", { reason: "kick" });
    server.refuse("GET /v1/session", problem(503, "store_unavailable"));
    const { request } = wx;
    if (how === "offline") {
      wx.request = (options) => {
        const { url, fail } = options as Options;
        return url.endsWith("/v1/session") ? (fail({}) as never) : request(options);
      };
    }
    const { auth } = live({ strategy: "checkSession" }, wx);
    expect(await failure(auth.request({ url: "/a" }), 500)).toMatchObject({ action: "ask" });
    expect([wx.logins, auth.hold?.code]).toEqual([1, "session_revoked"]);
  },
);
