/** `wx.connectSocket` and its `SocketTask`. */

import { toBase64 } from "./bytes";
import { type Calls, failed, type Given, type Result, type Wx, WxFailure } from "./calling";
import type { Connection } from "./connection";
import { headerOf } from "./exchange";
import { numberOr, textOf, textOr } from "./parameters";

const MOST_SOCKETS = 5;
const EVENTS = ["open", "message", "error", "close"] as const;
type SocketEvent = (typeof EVENTS)[number];

/**
 * A browser lets no page set headers of a WebSocket. They go as a subprotocol of this name and base64url JSON,
 * which the phone's gateway takes out again.
 */
const HEADER_PROTOCOL = "wechat-simulator-header.";

export type OpenSocket = (address: string, protocols: string[]) => WebSocket;

export function socketFunctions(calls: Calls, connection: Connection, open: OpenSocket): Wx {
  const sockets = new Set<SocketTask>();
  return {
    connectSocket: (options: Given = {}) => {
      const task = new SocketTask(calls, () => sockets.delete(task));
      calls.deliver(
        options,
        (async () => {
          // Whoever called sets the task's listeners first.
          await null;
          try {
            const url = textOf(options, "url");
            connection.check();
            if (sockets.size >= MOST_SOCKETS) {
              throw new WxFailure("network exceed max task count", { errno: 600007 });
            }
            const address = connection.lead(url, ["ws:", "wss:"]);
            sockets.add(task);
            task.start(open(address, protocolsOf(options)), numberOr(options, "timeout", 60_000));
            return { errMsg: "connectSocket:ok" };
          } catch (error) {
            const failure = failed("connectSocket", error);
            task.fail(String(failure.errMsg));
            return Promise.reject(failure);
          }
        })(),
      );
      return task;
    },
  };
}

function protocolsOf(options: Given): string[] {
  const protocols = Array.isArray(options.protocols) ? options.protocols.map(String) : [];
  const header = headerOf(options);
  if (Object.keys(header).length === 0) return protocols;
  const text = toBase64(new TextEncoder().encode(JSON.stringify(header)));
  const packed = text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  return [...protocols, HEADER_PROTOCOL + packed];
}

class SocketTask {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;
  private readonly listeners: Record<SocketEvent, Set<unknown>> = {
    open: new Set(),
    message: new Set(),
    error: new Set(),
    close: new Set(),
  };

  constructor(
    private readonly calls: Calls,
    private readonly end: () => void,
  ) {}

  get readyState(): number {
    if (this.isOver) return this.CLOSED;
    return this.socket?.readyState ?? this.CONNECTING;
  }

  readonly onOpen = (listener: unknown): void => void this.listeners.open.add(listener);
  readonly onMessage = (listener: unknown): void => void this.listeners.message.add(listener);
  readonly onError = (listener: unknown): void => void this.listeners.error.add(listener);
  readonly onClose = (listener: unknown): void => void this.listeners.close.add(listener);

  readonly send = (options: Given = {}): Promise<Result> | undefined =>
    this.calls.settle("sendSocketMessage", options, this.sent(options.data));

  readonly close = (options: Given = {}): Promise<Result> | undefined =>
    this.calls.settle("closeSocket", options, this.closed(options));

  start(socket: WebSocket, timeout: number): void {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.timer = setTimeout(() => {
      this.hear("error", { errMsg: "connectSocket:fail timeout", errno: 5 });
      this.finish(1006, "timeout");
    }, timeout);
    socket.onopen = () => {
      clearTimeout(this.timer);
      this.hear("open", { header: {}, profile: {} });
    };
    socket.onmessage = (event) => this.hear("message", { data: event.data });
    socket.onerror = () => this.hear("error", { errMsg: "connectSocket:fail", errno: 600001 });
    socket.onclose = (event) => this.finish(event.code, event.reason);
  }

  fail(errMsg: string): void {
    this.isOver = true;
    this.hear("error", { errMsg });
  }

  private async sent(data: unknown): Promise<undefined> {
    if (this.readyState !== this.OPEN) throw new WxFailure("SocketTask.readyState is not OPEN");
    this.socket?.send(data as string | ArrayBuffer);
  }

  private async closed(options: Given): Promise<undefined> {
    const code = numberOr(options, "code", 1000);
    const reason = textOr(options, "reason", "");
    if (this.readyState >= this.CLOSING) throw new WxFailure("SocketTask.readyState is not OPEN");
    this.socket?.close(code, reason);
    if (this.socket?.readyState === this.CONNECTING) this.finish(code, reason);
  }

  private finish(code: number, reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.socket?.close();
    this.end();
    this.hear("close", { code, reason });
  }

  private hear(event: SocketEvent, fact: Result): void {
    for (const listener of this.listeners[event]) this.calls.run(listener, fact);
  }
}
