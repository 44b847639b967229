// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bodyOf, json, openPhone, SERVER, type TestPhone } from "./wx_phone";

const never = () => new Promise<Response>(() => {});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("what goes out", () => {
  const send = async (options: Record<string, unknown>) => {
    const phone = openPhone();
    await phone.call("request", { url: `${SERVER}/v1/x`, ...options });
    const { url, init } = phone.sent.at(-1) ?? { url: "", init: {} };
    return { url: url.replace(location.origin, ""), init };
  };

  test("the data of a GET become its query", async () => {
    const { url, init } = await send({ url: `${SERVER}/v1/x?a=1`, data: { 名: "甲 乙", n: 2 } });
    expect(url).toBe("/server/v1/x?a=1&%E5%90%8D=%E7%94%B2%20%E4%B9%99&n=2");
    expect(init.body).toBeUndefined();
  });

  test("the data of a POST are JSON, or a form where the header says so", async () => {
    expect((await send({ method: "post", data: { a: 1 } })).init).toMatchObject({
      method: "POST",
      body: '{"a":1}',
      headers: { "content-type": "application/json" },
    });
    const header = { "Content-Type": "application/x-www-form-urlencoded" };
    const form = await send({ method: "POST", data: { a: "1&2", b: 2 }, header });
    expect(form.init.body).toBe("a=1%262&b=2");
  });

  test("no cookie and no address of the page goes with it", async () => {
    const header = { Referer: "https://evil.example", Authorization: "Bearer t" };
    const { init } = await send({ header });
    expect(init).toMatchObject({ credentials: "omit", referrerPolicy: "no-referrer" });
    expect(init.headers).toEqual({ "content-type": "application/json", authorization: "Bearer t" });
  });

  test("cookies set by hand go along by the header that a page may set", async () => {
    const { init } = await send({ header: { Cookie: "a=1" } });
    expect(init.headers).toEqual({ "content-type": "application/json", "x-phone-cookie": "a=1" });
  });
});

describe("what comes back", () => {
  const get = (answer: () => Response, options = {}) =>
    openPhone(answer).call("request", { url: `${SERVER}/x`, ...options });

  test.each([200, 401, 429, 503])("status %i is a success", async (status) => {
    expect(await get(() => json({ code: "x" }, status))).toMatchObject({
      errMsg: "request:ok",
      statusCode: status,
      data: { code: "x" },
      header: { "content-type": "application/json" },
      cookies: [],
    });
  });

  test("the server's cookies are told, each by itself", async () => {
    const headers = { "x-phone-set-cookie": '["a=1; Path=/","b=2"]' };
    expect(await get(() => new Response("{}", { headers }))).toMatchObject({
      cookies: ["a=1; Path=/", "b=2"],
      header: { "Set-Cookie": "a=1; Path=/,b=2" },
    });
  });

  test("what is no JSON stays a text, and so does JSON where no JSON is wanted", async () => {
    expect((await get(() => new Response("<p>"))).data).toBe("<p>");
    expect((await get(() => json([1]), { dataType: "其他" })).data).toBe("[1]");
    const bytes = (await get(() => new Response("ab"), { responseType: "arraybuffer" })).data;
    expect([...new Uint8Array(bytes as ArrayBuffer)]).toEqual([97, 98]);
  });
});

describe("where a mini program may call", () => {
  test.each([
    "https://api.weixin.qq.com/sns/jscode2session",
    "http://127.0.0.1.evil.example:8000/v1/login",
    "http://127.0.0.1:8000@evil.example/",
    "http://127.0.0.1:8001/",
    "https://127.0.0.1:8000/",
  ])("%s is not in the list", async (url) => {
    const { call, sent } = openPhone();
    const told = { errMsg: "request:fail url not in domain list", errno: 600002 };
    const before = sent.length;
    expect(await call("request", { url })).toEqual(told);
    expect(sent.length).toBe(before);
  });

  test.each(["/v1/login", "ftp://127.0.0.1:8000/", "javascript:alert(1)"])(
    "%s is no URL to call",
    async (url) => {
      expect(await openPhone().call("request", { url })).toMatchObject({ errno: 600009 });
    },
  );

  test("a method WeChat does not have is refused", async () => {
    const told = await openPhone().call("request", { url: `${SERVER}/`, method: "PATCH" });
    expect(told.errMsg).toBe("request:fail method is invalid");
  });
});

describe("what cuts a call off", () => {
  const start = (phone: TestPhone, options = {}) => {
    const fail = vi.fn();
    const task = phone.wx.request?.({ url: `${SERVER}/x`, fail, ...options }) as { abort(): void };
    return { fail, task };
  };

  test("time, sixty seconds unless the call or app.json says otherwise", async () => {
    const late = { errMsg: "request:fail timeout", errno: 5 };
    const byDefault = start(openPhone(never));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(byDefault.fail).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(byDefault.fail).toHaveBeenCalledWith(late);
    const configured = openPhone(never, { networkTimeout: () => ({ request: 3000 }) });
    const first = start(configured);
    const second = start(configured, { timeout: 500 });
    await vi.advanceTimersByTimeAsync(500);
    expect(second.fail).toHaveBeenCalledWith(late);
    expect(first.fail).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2500);
    expect(first.fail).toHaveBeenCalledWith(late);
  });

  test("abort of the task, also of one that still waits", async () => {
    const phone = openPhone(never);
    const tasks = Array.from({ length: 11 }, () => start(phone));
    for (const index of [0, 10]) {
      tasks[index]?.task.abort();
      await vi.advanceTimersByTimeAsync(0);
      expect(tasks[index]?.fail).toHaveBeenCalledWith({ errMsg: "request:fail abort" });
    }
  });

  test("no network: those under way, and those that come", async () => {
    const phone = openPhone(never);
    const changed = vi.fn();
    phone.wx.onNetworkStatusChange?.(changed);
    const before = start(phone);
    await vi.advanceTimersByTimeAsync(0);
    phone.directed.setOffline(true);
    const after = start(phone);
    await vi.advanceTimersByTimeAsync(0);
    const told = { errMsg: expect.stringContaining("ERR_INTERNET_DISCONNECTED"), errno: 600001 };
    expect(before.fail).toHaveBeenCalledWith(told);
    expect(after.fail).toHaveBeenCalledWith(told);
    expect(changed).toHaveBeenCalledWith({ isConnected: false, networkType: "none" });
    expect(await phone.call("getNetworkType")).toMatchObject({ networkType: "none" });
    expect(await phone.call("login")).toMatchObject({ errMsg: "login:fail network error" });
  });

  test("a server that is not there", async () => {
    const phone = openPhone(() => Promise.reject(new TypeError("Failed to fetch")));
    expect(await phone.call("request", { url: `${SERVER}/x` })).toEqual({
      errMsg: expect.stringContaining("net::ERR_CONNECTION_REFUSED"),
      errno: 600001,
    });
  });

  test("five seconds in the background, until the phone comes back", async () => {
    let isAnswering = false;
    const phone = openPhone(() => (isAnswering ? json({}) : never()));
    const { fail } = start(phone);
    phone.directed.setBackground(true);
    await vi.advanceTimersByTimeAsync(4999);
    expect(fail).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    const interrupted = { errMsg: "request:fail interrupted", errno: 600003 };
    expect(fail).toHaveBeenCalledWith(interrupted);
    const inside = start(phone);
    await vi.advanceTimersByTimeAsync(0);
    expect(inside.fail).toHaveBeenCalledWith(interrupted);
    phone.directed.setBackground(false);
    isAnswering = true;
    expect(await phone.call("request", { url: `${SERVER}/x` })).toMatchObject({ statusCode: 200 });
  });

  test("a short absence interrupts nothing", async () => {
    const phone = openPhone(never);
    const { fail } = start(phone);
    phone.directed.setBackground(true);
    await vi.advanceTimersByTimeAsync(4000);
    phone.directed.setBackground(false);
    await vi.advanceTimersByTimeAsync(4000);
    expect(fail).not.toHaveBeenCalled();
  });
});

test("ten go at a time, in order; the others follow as places become free", async () => {
  const open: ((response: Response) => void)[] = [];
  const phone = openPhone(({ url }) =>
    url.includes("/sim/") ? json({}) : new Promise((answer) => open.push(answer)),
  );
  const order: unknown[] = [];
  for (let n = 0; n < 25; n += 1) {
    const success = () => order.push(n);
    phone.wx.request?.({ url: `${SERVER}/${n}`, success });
  }
  await vi.advanceTimersByTimeAsync(0);
  expect(open.length).toBe(10);
  open[0]?.(json({}));
  await vi.advanceTimersByTimeAsync(0);
  expect(open.length).toBe(11);
  for (let n = 1; n < 25; n += 1) {
    open[n]?.(json({}));
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(order).toEqual(Array.from({ length: 25 }, (_, n) => n));
});

test("whoever comes while a place is handed on does not get an eleventh", async () => {
  const open: ((response: Response) => void)[] = [];
  let answered = 0;
  const phone = openPhone(({ url }) =>
    url.includes("/sim/") ? json({}) : new Promise((answer) => open.push(answer)),
  );
  const send = () => phone.wx.request?.({ url: `${SERVER}/x` });
  for (let n = 0; n < 15; n += 1) send();
  await vi.advanceTimersByTimeAsync(0);
  for (let n = 0; n < 40; n += 1) {
    open[n]?.(json({}));
    answered += 1;
    send();
    await vi.advanceTimersByTimeAsync(0);
    expect(open.length - answered).toBe(10);
  }
});

test("headers are heard before the answer, and no longer once taken back", async () => {
  const phone = openPhone(() => json({}, 401));
  const heard = vi.fn();
  const deaf = vi.fn();
  const task = phone.wx.request?.({ url: `${SERVER}/x` }) as Record<string, (l: unknown) => void>;
  task.onHeadersReceived?.(heard);
  task.onHeadersReceived?.(deaf);
  task.offHeadersReceived?.(deaf);
  await vi.advanceTimersByTimeAsync(0);
  expect(heard).toHaveBeenCalledWith(expect.objectContaining({ statusCode: 401 }));
  expect(deaf).not.toHaveBeenCalled();
});

test("what crosses the wire is told outside, without the token and the password", async () => {
  const phone = openPhone(() => json({ token: "a-very-long-token", account: { id: "1" } }));
  await phone.call("request", {
    url: `${SERVER}/v1/login`,
    method: "POST",
    header: { Authorization: "Bearer a-very-long-token" },
    data: { code: "0a1b2c3d4e5f6a7b", password: "hunter2hunter2" },
  });
  expect(bodyOf(phone.sent.at(-1))).toEqual({
    code: "0a1b2c3d4e5f6a7b",
    password: "hunter2hunter2",
  });
  const [request, answer] = phone.facts.filter(({ kind }) => kind !== "wx");
  expect(request).toMatchObject({
    kind: "request",
    method: "POST",
    url: `${SERVER}/v1/login`,
    hasToken: true,
    body: { code: "0a1b2c…", password: "●●●●" },
    header: { authorization: "Bearer ●●●●" },
  });
  expect(answer).toMatchObject({ kind: "answer", status: 200, body: { account: { id: "1" } } });
  const all = JSON.stringify(phone.facts);
  for (const secret of ["a-very-long-token", "0a1b2c3d4e5f6a7b", "hunter2"]) {
    expect(all).not.toContain(secret);
  }
});

test("callContainer goes by way of WeChat, to the server it may call", async () => {
  const phone = openPhone(({ url }) =>
    url === "/sim/wx/callContainer"
      ? json({ errMsg: "cloud.callContainer:ok", statusCode: 401, header: {}, data: { code: "x" } })
      : json({}),
  );
  const cloud = phone.wx.cloud as unknown as Record<string, (o: object) => Promise<unknown>>;
  const header = { "X-WX-SERVICE": "main" };
  const told = await cloud.callContainer?.({ path: "/v1/me", method: "get", header });
  expect(told).toMatchObject({ statusCode: 401, data: { code: "x" } });
  expect(bodyOf(phone.sent.at(-1))).toMatchObject({
    app_id: "wxtest",
    user_id: "ann",
    url: `${SERVER}/v1/me`,
    method: "GET",
    header,
  });
});
