import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Auth, AuthError } from "../src/index";
import { problem } from "./fake_server";
import { failure, type Life, live, times, within } from "./life";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const DOORS: [string, (auth: Auth) => Promise<unknown>][] = [
  ["request", (auth) => auth.request({ url: "/a" })],
  ["uploadFile", (auth) => auth.uploadFile({ url: "/a", filePath: "/f", name: "file" })],
  ["downloadFile", (auth) => auth.downloadFile({ url: "/a" })],
  ["connectSocket", (auth) => auth.connectSocket({ url: "/a" })],
  ["callContainer", (auth) => auth.callContainer({ path: "/a" })],
];

const signedIn = async (): Promise<Life> => {
  const life = live();
  await within(life.auth.login());
  return life;
};

describe.each(DOORS)("%s", (name, go) => {
  it("carries the token, as a header", async () => {
    const { auth, wx } = await signedIn();
    await within(go(auth));
    const call = wx.calls.find((each) => each.name === name);
    if (name === "request") return expect(wx.calls.at(-1)?.header.Authorization).toBe(BEARER);
    expect(call?.header.Authorization).toBe(BEARER);
    expect(call?.url ?? "").not.toContain("token");
  });

  it("logs in and repeats once after a 401", async () => {
    const { auth, wx, server } = await signedIn();
    server.endAll("session_expired");
    await within(go(auth));
    expect(wx.logins).toBe(2);
    expect(server.count("/a")).toBe(2);
    expect(server.last("/a").token).toBe("token-2.secret");
  });

  it("hears a kick, and holds", async () => {
    const { auth, wx, server, heard } = await signedIn();
    server.endAll("session_revoked", { reason: "kick" });
    expect(await failure(go(auth))).toMatchObject({ code: "session_revoked", action: "ask" });
    await failure(go(auth));
    expect(heard.signedOut).toHaveLength(1);
    expect(wx.logins).toBe(1);
  });

  it("repeats no more than once", async () => {
    const { auth, wx, server } = await signedIn();
    server.refuse("GET /a", problem(401, "session_invalid"));
    server.refuse("POST /a", problem(401, "session_invalid"));
    server.refuse("GET /v1/session", problem(401, "session_invalid"));
    expect(await failure(go(auth))).toMatchObject({ code: "session_invalid" });
    expect(wx.logins).toBe(2);
    expect(server.count("/a")).toBe(2);
  });

  it("says what the network said", async () => {
    const { auth, wx } = await signedIn();
    wx.isOffline = true;
    if (name === "connectSocket") wx.server.refuse("GET /a", problem(502, "x"));
    expect(await failure(go(auth))).toMatchObject({ code: "network_error", status: 0 });
  });
});

const BEARER = "Bearer token-1.secret";

describe("answers", () => {
  it("a business answer comes as wx gives it, whatever its status", async () => {
    const { auth, server } = await signedIn();
    const data = { code: 42, some_field: "as it is" };
    server.refuse("GET /a", { statusCode: 422, data, header: { "X-A": "1" } });
    const answer = await within(auth.request({ url: "/a" }));
    expect(answer).toMatchObject({ statusCode: 422, data, header: { "X-A": "1" } });
  });

  it("a refusal of the wxlogin server is an error with its texts", async () => {
    const { auth, server } = await signedIn();
    server.refuse("GET /a", problem(429, "rate_limited", { retry_after: 12 }));
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({
      code: "rate_limited",
      action: "wait",
      status: 429,
      title: "title of rate_limited",
      message: "detail of rate_limited",
      retryAfter: 12,
      requestId: "req-1",
    });
  });

  it("a 401 that says nothing is asked after: the session lives, so it is the app's own", async () => {
    const { auth, wx, server } = await signedIn();
    server.refuse("GET /a", { statusCode: 401, data: "<html>", header: {} });
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(401);
    expect(server.count("/v1/session")).toBe(1);
    expect(wx.logins).toBe(1);
  });

  it("a 401 of the app's own, with fields that an error has too", async () => {
    const { auth, server } = await signedIn();
    const data = { code: 401, data: null, message: "no", stack: "", status: "x" };
    server.refuse("GET /a", { statusCode: 401, data, header: {} });
    expect((await within(auth.request({ url: "/a" }))).data).toEqual(data);
  });

  it("a 401 of a gateway that kept only the header", async () => {
    const { auth, wx, server } = await signedIn();
    server.endAll("session_idle");
    let first = true;
    server.rules.set("GET /a", () => {
      const header = { "www-authenticate": 'Bearer error="invalid_token", code="session_idle"' };
      const reply = first ? { statusCode: 401, data: "<html>", header } : null;
      first = false;
      return reply;
    });
    expect((await within(auth.request({ url: "/a" }))).statusCode).toBe(200);
    expect(server.count("/v1/session")).toBe(0);
    expect(wx.logins).toBe(2);
  });

  it("a download whose answer has no header is asked after", async () => {
    const { auth, wx, server } = await signedIn();
    wx.hasDownloadHeader = false;
    server.endAll("session_revoked", { reason: "kick" });
    expect(await failure(auth.downloadFile({ url: "/a" }))).toMatchObject({
      code: "session_revoked",
      action: "ask",
    });
  });

  it("an upload's answer is parsed where it is JSON", async () => {
    const { auth } = await signedIn();
    const answer = await within(
      auth.uploadFile<{ path: string }>({ url: "/a", filePath: "/f", name: "file" }),
    );
    expect(answer.data.path).toBe("/a");
  });

  it("the task comes out, to abort it", async () => {
    const { auth } = await signedIn();
    const tasks: unknown[] = [];
    await within(auth.request({ url: "/a", onTask: (task) => tasks.push(task.abort) }));
    await within(auth.connectSocket({ url: "/a", onTask: (task) => tasks.push(task.send) }));
    expect(tasks).toHaveLength(2);
  });
});

describe("who is who to a request", () => {
  it("a guest is asked for no login where a login is optional", async () => {
    const { auth, wx } = live();
    const answer = await within(auth.request({ url: "/open", auth: "optional" }));
    expect(answer.data).toEqual({ guest: true });
    expect(wx.logins).toBe(0);
  });

  it("optional carries a token where there is one, and renews it", async () => {
    const { auth, wx, server } = await signedIn();
    const ask = () => within(auth.request({ url: "/open", auth: "optional" }));
    expect((await ask()).data).toEqual({ guest: false });
    server.rules.set("GET /open", ({ token }) =>
      token === "token-1.secret" ? problem(401, "session_expired") : null,
    );
    expect((await ask()).data).toEqual({ guest: false });
    expect(wx.logins).toBe(2);
  });

  it("optional goes on as a guest after a kick, which is heard", async () => {
    const { auth, wx, server, heard } = await signedIn();
    server.rules.set("GET /open", ({ token }) =>
      token ? problem(401, "session_revoked", { reason: "kick" }) : null,
    );
    const answer = await within(auth.request({ url: "/open", auth: "optional" }));
    expect(answer.data).toEqual({ guest: true });
    expect([heard.signedOut.length, auth.hold?.code]).toEqual([1, "session_revoked"]);
    expect(wx.logins).toBe(1);
  });

  it("optional goes on as a guest where no login is to be had", async () => {
    const { auth, server } = await signedIn();
    server.refuse("POST /v1/login", problem(403, "registration_closed"));
    server.rules.set("GET /open", ({ token }) => (token ? problem(401, "session_idle") : null));
    const answer = await within(auth.request({ url: "/open", auth: "optional" }));
    expect(answer.data).toEqual({ guest: true });
  });

  it("none carries no token", async () => {
    const { auth, server } = await signedIn();
    await within(auth.request({ url: "/open", auth: "none" }));
    expect(server.last("/open").token).toBeUndefined();
  });

  it("without silent logins every way in is a tap", async () => {
    const { auth, wx, server, heard } = live({ silentLogin: false });
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({
      code: "session_missing",
      action: "ask",
    });
    expect(await within(auth.start())).toBeNull();
    await within(auth.login());
    server.endAll("session_idle");
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({
      code: "session_idle",
      action: "ask",
    });
    expect(heard.signedOut).toHaveLength(1);
    expect(wx.logins).toBe(1);
  });

  it("whoever signed in by words is not signed in as WeChat's own account instead", async () => {
    const { auth, wx, server } = live();
    server.identities = [];
    await within(auth.loginByPassword({ username: "ann", password: "correct horse" }));
    server.endAll("session_idle");
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({ action: "ask" });
    expect(wx.logins).toBe(0);
  });

  it("a silent login never lands in another account", async () => {
    const { auth, wx, server, heard } = await signedIn();
    server.endAll("session_idle");
    (wx as { user: string }).user = "bob";
    expect(await failure(auth.request({ url: "/a" }))).toMatchObject({
      code: "session_revoked",
      data: { reason: "account_changed" },
    });
    expect(auth.account).toBeNull();
    expect(heard.signedOut).toHaveLength(1);
    await within(auth.login());
    expect(auth.account?.id).toBe("bob");
  });
});

describe("addresses", () => {
  it.each([
    "https://evil.example/a",
    "https://login.example.com@evil.example/a",
    "https://login.example.com.evil.example/a",
    "https://login.example.com\\@evil.example/a",
    "http://login.example.com/a",
    "https://login.example.com:8443/a",
    "HTTPS://EVIL.example/a",
  ])("%s never gets the token", async (url) => {
    const { auth, wx } = await signedIn();
    expect(await failure(auth.request({ url }))).toMatchObject({ code: "untrusted_origin" });
    await within(auth.request({ url, auth: "optional" }));
    const socket = auth.connectSocket({ url: url.replace(/^http/i, "ws"), auth: "optional" });
    await failure(within(socket).then(() => Promise.reject(new Error("open"))));
    for (const call of wx.calls.filter((each) => each.url.includes("evil"))) {
      expect(JSON.stringify(call)).not.toContain("token-1");
    }
  });

  it.each(["//evil.example/a", ".evil.example/a", "@evil.example/a", "a"])(
    "%s is a path of ours",
    async (url) => {
      const { auth, wx } = await signedIn();
      await within(auth.request({ url }));
      expect(wx.calls.at(-1)?.url).toMatch(/^https:\/\/login\.example\.com\//);
    },
  );

  it("origins that are trusted get it", async () => {
    const { auth, wx } = live({ trustedOrigins: ["https://API.example.com/whatever"] });
    await within(auth.request({ url: "https://api.example.com/a" }));
    expect(wx.calls.at(-1)).toMatchObject({
      url: "https://api.example.com/a",
      header: { Authorization: BEARER },
    });
  });

  it("the base follows envVersion", async () => {
    const { wx } = live();
    const baseURL = { develop: "https://dev.example.com/x/", release: "https://login.example.com" };
    for (const [envVersion, host] of [
      ["develop", "https://dev.example.com/x/open"],
      ["trial", "https://login.example.com/open"],
    ] as const) {
      wx.mini.envVersion = envVersion;
      await within(live({ baseURL }, wx).auth.request({ url: "/open", auth: "none" }));
      expect(wx.calls.at(-1)?.url).toBe(host);
    }
  });

  it("headers of the app go along", async () => {
    const { auth, wx } = live({ header: () => ({ "X-A": "1", "X-B": "1" }), language: "en" });
    await within(auth.request({ url: "/open", auth: "none", header: { "X-B": "2" } }));
    expect(wx.calls.at(-1)?.header).toEqual({ "Accept-Language": "en", "X-A": "1", "X-B": "2" });
  });
});

describe("the ten connections", () => {
  it("50 requests, uploads and downloads: never more than ten at a time", async () => {
    const { auth, wx } = live();
    const all = times(50, (n) => DOORS[n % 3]?.[1](auth));
    await within(Promise.all(all), 2000);
    expect(wx.most).toBe(10);
  });

  it("a login overtakes what waits, and ten that wait for it do not keep it out", async () => {
    const { auth, wx } = live({ maxConnections: 1 });
    const guests = times(20, (n) => auth.request({ url: `/open?${n}`, auth: "none" }));
    const own = auth.request({ url: "/own" });
    await within(Promise.all([...guests, own]), 2000);
    const urls = wx.calls.map((each) => each.url);
    expect(urls.findIndex((url) => url.endsWith("/v1/login"))).toBeLessThan(5);
    expect(wx.most).toBe(1);
  });
});

describe("wrap", () => {
  type Old = { url: string; header?: Record<string, string> };
  const wrapped = async (asRejection: boolean) => {
    const life = await signedIn();
    const old = async (options: Old) => {
      const answer = await new Promise<{ statusCode: number; data: unknown }>((success) => {
        life.wx.request({
          ...options,
          url: `https://login.example.com${options.url}`,
          success: success as never,
        });
      });
      if (asRejection && answer.statusCode >= 400) throw answer;
      return answer;
    };
    return { ...life, call: life.auth.wrap(old, { signedOut: (r) => r.statusCode === 401 }) };
  };

  it.each([false, true])("gives login, token and one repeat (rejections: %s)", async (how) => {
    const { call, server, wx } = await wrapped(how);
    expect((await within(call({ url: "/a" }))).statusCode).toBe(200);
    server.endAll("session_expired");
    expect((await within(call({ url: "/a" }), 500)).statusCode).toBe(200);
    expect(wx.logins).toBe(2);
    expect(server.last("/a").token).toBe("token-2.secret");
  });

  it("hears a kick", async () => {
    const { call, server, auth } = await wrapped(true);
    server.endAll("session_revoked", { reason: "kick" });
    const why: AuthError = await failure(call({ url: "/a" }), 500);
    expect(why).toMatchObject({ code: "session_revoked", action: "ask" });
    expect(auth.hold?.data.reason).toBe("kick");
  });

  it("rejects as the function does, where no login is over", async () => {
    const { call, server } = await wrapped(true);
    server.refuse("GET /a", { statusCode: 500, data: "", header: {} });
    expect(await failure(call({ url: "/a" }))).toMatchObject({ statusCode: 500 });
  });

  it("takes auth: none", async () => {
    const { call, server } = await wrapped(false);
    await within(call({ url: "/open", auth: "none" }));
    expect(server.last("/open").token).toBeUndefined();
  });
});
