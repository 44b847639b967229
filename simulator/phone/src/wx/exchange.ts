/** One HTTP exchange, as `request`, `uploadFile`, `downloadFile` and `callContainer` share it. */

import type { Tell } from "../host/ports";
import { type Calls, failed, type Given, type Result, WxFailure } from "./calling";
import type { Connection } from "./connection";
import { masked, maskedHeader, maskedUrl } from "./masking";
import { numberOr, recordOr, textOf } from "./parameters";

const TIMEOUT = 60_000;

/** What leaves the phone. `shown` is the body as it is told outside. */
export type Sending = {
  method: string;
  query?: string;
  body?: BodyInit;
  shown?: unknown;
  header: Record<string, string>;
};

/** What came back, and what of it is told outside. */
export type Received = { result: Result; shown?: unknown };

export type TimeoutOf = (name: string) => number | undefined;

export class Exchanges {
  private count = 0;

  constructor(
    readonly calls: Calls,
    readonly connection: Connection,
    private readonly fetch: typeof globalThis.fetch,
    private readonly tell: Tell,
    private readonly configuredTimeout: TimeoutOf,
  ) {}

  /** Starts an exchange and gives its task; the callbacks hear how it ends. */
  start(
    name: string,
    options: Given,
    prepare: () => Sending,
    receive: (response: Response) => Promise<Received>,
  ): ExchangeTask {
    const task = new ExchangeTask(this.calls);
    const work = this.exchange(name, options, task, prepare, receive);
    this.calls.deliver(
      options,
      work.then(
        (result) => ({ ...result, errMsg: `${name}:ok` }),
        (error) => Promise.reject(failed(name, error)),
      ),
    );
    return task;
  }

  private async exchange(
    name: string,
    options: Given,
    task: ExchangeTask,
    prepare: () => Sending,
    receive: (response: Response) => Promise<Received>,
  ): Promise<Result> {
    const url = textOf(options, "url");
    this.count += 1;
    const id = this.count;
    const sending = prepare();
    const began = performance.now();
    this.tellSent(id, url, sending);
    try {
      const address = withQuery(this.connection.lead(url), sending.query);
      const timeout = numberOr(options, "timeout", this.configuredTimeout(name) ?? TIMEOUT);
      return await this.connection.run(task.controller, timeout, async (signal) => {
        const response = await this.fetch(address, {
          method: sending.method,
          headers: withCookie(sending.header),
          ...(sending.body === undefined ? {} : { body: sending.body }),
          // A mini program has no cookie jar, and its page no address.
          credentials: "omit",
          referrerPolicy: "no-referrer",
          cache: "no-store",
          signal,
        });
        const head = { statusCode: response.status, ...headOf(response.headers) };
        task.hear(head);
        const { result, shown } = await receive(response);
        const ms = Math.round(performance.now() - began);
        this.tell({ kind: "answer", id, status: response.status, body: masked(shown), ms });
        return { ...head, ...result };
      });
    } catch (error) {
      this.tell({ kind: "failed", id, errMsg: String(failed(name, error).errMsg) });
      throw error;
    }
  }

  private tellSent(id: number, url: string, sending: Sending): void {
    this.tell({
      kind: "request",
      id,
      method: sending.method,
      url: maskedUrl(withQuery(url, sending.query)),
      body: masked(sending.shown),
      hasToken: "authorization" in sending.header,
      header: maskedHeader(sending.header),
    });
  }
}

/** `RequestTask`, `UploadTask` and `DownloadTask`. */
export class ExchangeTask {
  readonly controller = new AbortController();
  private readonly headers = new Set<unknown>();
  private readonly progress = new Set<unknown>();

  constructor(private readonly calls: Calls) {}

  readonly abort = (): void => this.controller.abort(new WxFailure("abort"));
  readonly onHeadersReceived = (listener: unknown): void => void this.headers.add(listener);
  readonly offHeadersReceived = (listener?: unknown): void => drop(this.headers, listener);
  readonly onProgressUpdate = (listener: unknown): void => void this.progress.add(listener);
  readonly offProgressUpdate = (listener?: unknown): void => drop(this.progress, listener);

  hear(received: Result): void {
    for (const listener of this.headers) this.calls.run(listener, received);
  }

  move(progress: Result): void {
    for (const listener of this.progress) this.calls.run(listener, progress);
  }
}

/** Names in small letters, so that `Content-Type` and `content-type` are one. */
export function headerOf(options: Given): Record<string, string> {
  const header: Record<string, string> = {};
  for (const [name, value] of Object.entries(recordOr(options, "header"))) {
    // Referer is WeChat's own, and not to be set.
    if (name.toLowerCase() !== "referer") header[name.toLowerCase()] = String(value);
  }
  return header;
}

/** A page may neither set Cookie nor read Set-Cookie: the way to the server has these two instead. */
const COOKIE = "x-phone-cookie";
const SET_COOKIE = "x-phone-set-cookie";

function withCookie({ cookie, ...header }: Record<string, string>): Record<string, string> {
  return cookie === undefined ? header : { ...header, [COOKIE]: cookie };
}

function headOf(headers: Headers): Result {
  const { [SET_COOKIE]: told, ...header } = Object.fromEntries(headers);
  if (told === undefined) return { header, cookies: [] };
  const cookies = JSON.parse(told) as string[];
  return { header: { ...header, "Set-Cookie": cookies.join(",") }, cookies };
}

/** The text as JSON where it is JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withQuery(url: string, query: string | undefined): string {
  if (!query) return url;
  return url + (url.includes("?") ? "&" : "?") + query;
}

function drop(listeners: Set<unknown>, listener: unknown): void {
  if (listener === undefined) listeners.clear();
  else listeners.delete(listener);
}
