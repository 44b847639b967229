// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Functions, openPhone } from "./wx_phone";

const URL = "ws://127.0.0.1:8000/live";

class FakeSocket {
  static made: FakeSocket[] = [];
  readyState = 0;
  binaryType = "";
  onopen = () => {};
  onmessage = (_: { data: unknown }) => {};
  onerror = () => {};
  onclose = (_: { code: number; reason: string }) => {};
  send = vi.fn();
  close = vi.fn();

  constructor(
    readonly address: string,
    readonly protocols: string[],
  ) {
    FakeSocket.made.push(this);
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }
}

beforeEach(() => {
  FakeSocket.made = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

function connect(options = {}) {
  const phone = openPhone();
  const task = phone.wx.connectSocket?.({ url: URL, ...options }) as Functions;
  const heard: [string, unknown][] = [];
  for (const event of ["Open", "Message", "Error", "Close"]) {
    task[`on${event}`]?.((fact: unknown) => heard.push([event, fact]));
  }
  return { phone, task, heard };
}

test("a message goes out and one comes in, after it is open", async () => {
  const { task, heard } = connect();
  await vi.advanceTimersByTimeAsync(0);
  const [socket] = FakeSocket.made;
  expect(socket?.address).toBe(`${location.origin.replace("http", "ws")}/server/live`);
  await expect(task.send?.({ data: "early" })).rejects.toEqual({
    errMsg: "sendSocketMessage:fail SocketTask.readyState is not OPEN",
  });
  socket?.open();
  await task.send?.({ data: "hello" });
  expect(socket?.send).toHaveBeenCalledWith("hello");
  socket?.onmessage({ data: "there" });
  socket?.onclose({ code: 4001, reason: "kicked" });
  expect(heard).toEqual([
    ["Open", { header: {}, profile: {} }],
    ["Message", { data: "there" }],
    ["Close", { code: 4001, reason: "kicked" }],
  ]);
});

test("headers, which a browser cannot send, go packed as a protocol", async () => {
  connect({ header: { Authorization: "Bearer 令" }, protocols: ["chat"] });
  await vi.advanceTimersByTimeAsync(0);
  const [chat, packed = ""] = FakeSocket.made[0]?.protocols ?? [];
  expect(chat).toBe("chat");
  expect(packed).toMatch(/^wechat-simulator-header\.[A-Za-z0-9_-]+$/);
  const base64 = packed
    .replace(/^[^.]*\./, "")
    .replace(/-/g, "+")
    .replace(/_/g, "/");
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({ authorization: "Bearer 令" });
});

test("another host is refused, by fail and by the task", async () => {
  const fail = vi.fn();
  const { heard } = connect({ url: "wss://evil.example/", fail });
  await vi.advanceTimersByTimeAsync(0);
  expect(fail).toHaveBeenCalledWith({
    errMsg: "connectSocket:fail url not in domain list",
    errno: 600002,
  });
  expect(heard).toEqual([["Error", { errMsg: "connectSocket:fail url not in domain list" }]]);
  expect(FakeSocket.made).toEqual([]);
});

test("five at a time, and one that is closed makes room", async () => {
  const phone = openPhone();
  const fail = vi.fn();
  const open = () => phone.wx.connectSocket?.({ url: URL, fail }) as Functions;
  const [first] = Array.from({ length: 5 }, open);
  open();
  await vi.advanceTimersByTimeAsync(0);
  expect(fail).toHaveBeenCalledWith(expect.objectContaining({ errno: 600007 }));
  first?.close?.({});
  await vi.advanceTimersByTimeAsync(0);
  open();
  await vi.advanceTimersByTimeAsync(0);
  expect(fail).toHaveBeenCalledTimes(1);
  expect(FakeSocket.made.length).toBe(6);
});

test("one that never opens is over after its time", async () => {
  const { heard } = connect({ timeout: 3000 });
  await vi.advanceTimersByTimeAsync(3000);
  expect(heard.map(([event]) => event)).toEqual(["Error", "Close"]);
});
