/** The phone's line: ten places, the hosts a mini program may call, and what cuts a call off. */

import { WxFailure } from "./calling";

const PLACES = 10;

export const OFFLINE = {
  reason: "errcode:-106 cronet_error_code:-106 error_msg:net::ERR_INTERNET_DISCONNECTED",
  extra: { errno: 600001 },
};
const REFUSED = {
  reason: "errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED",
  extra: { errno: 600001 },
};

export class Connection {
  isOffline = false;
  private isInterrupted = false;
  private taken = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly underWay = new Set<AbortController>();
  private readonly listeners = new Set<(isConnected: boolean) => void>();

  constructor(
    private readonly forward: Record<string, string>,
    private readonly ownOrigin: string,
  ) {}

  /** Where a URL of the mini program leads on our own origin. */
  lead(url: string, schemes: readonly string[] = ["http:", "https:"]): string {
    let parsed: URL;
    try {
      parsed = new URL(url);
    } catch {
      throw new WxFailure(`invalid url "${url}"`, { errno: 600009 });
    }
    if (!schemes.includes(parsed.protocol)) {
      throw new WxFailure(`invalid url "${url}"`, { errno: 600009 });
    }
    const origin = parsed.origin.replace(/^ws/, "http");
    // Own properties only: an origin is a mini program's word.
    if (!Object.hasOwn(this.forward, origin)) {
      throw new WxFailure("url not in domain list", { errno: 600002 });
    }
    const own = this.ownOrigin.replace(/^http/, parsed.protocol.startsWith("ws") ? "ws" : "http");
    return own + this.forward[origin] + parsed.pathname + parsed.search;
  }

  /**
   * Does the work once one of the ten places is free. What cuts it off (time out, `abort()` of the task, no
   * network, the background) is the reason of the signal.
   */
  async run<T>(
    controller: AbortController,
    timeout: number,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { signal } = controller;
    await this.place(signal);
    this.underWay.add(controller);
    const timer = setTimeout(
      () => controller.abort(new WxFailure("timeout", { errno: 5 })),
      timeout,
    );
    try {
      this.check();
      signal.throwIfAborted();
      return await Promise.race([work(signal), cutOff(signal)]);
    } catch (error) {
      if (error instanceof WxFailure) throw error;
      throw new WxFailure(REFUSED.reason, REFUSED.extra);
    } finally {
      clearTimeout(timer);
      this.underWay.delete(controller);
      this.leave();
    }
  }

  setOffline(on: boolean): void {
    if (on === this.isOffline) return;
    this.isOffline = on;
    if (on) this.cut(new WxFailure(OFFLINE.reason, OFFLINE.extra));
    for (const listener of this.listeners) listener(!on);
  }

  /** In the background for more than five seconds: nothing goes out until the phone comes back. */
  setInterrupted(on: boolean): void {
    this.isInterrupted = on;
    if (on) this.cut(new WxFailure("interrupted", { errno: 600003 }));
  }

  check(): void {
    if (this.isOffline) throw new WxFailure(OFFLINE.reason, OFFLINE.extra);
    if (this.isInterrupted) throw new WxFailure("interrupted", { errno: 600003 });
  }

  onChange(listener: (isConnected: boolean) => void): void {
    this.listeners.add(listener);
  }

  private cut(reason: WxFailure): void {
    for (const controller of this.underWay) controller.abort(reason);
  }

  private async place(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.taken < PLACES) {
      this.taken += 1;
      return;
    }
    await new Promise<void>((enter, refuse) => {
      this.waiting.push(enter);
      signal.addEventListener("abort", () => {
        const position = this.waiting.indexOf(enter);
        if (position < 0) return;
        this.waiting.splice(position, 1);
        refuse(signal.reason);
      });
    });
  }

  /** The place goes straight to who waits longest; nobody may slip in between. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.taken -= 1;
  }
}

function cutOff(signal: AbortSignal): Promise<never> {
  return new Promise((_, refuse) => {
    signal.addEventListener("abort", () => refuse(signal.reason), { once: true });
  });
}
