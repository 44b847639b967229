/** `App()` and what it, and listeners of `wx.onAppShow` and its like, are told. */

import type { HostEvents, LaunchOptions } from "./ports";

type Listener<K extends keyof HostEvents> = (event: HostEvents[K]) => void;
type AppInstance = Record<string, unknown>;

const APP_METHODS: Record<keyof HostEvents, string> = {
  appShow: "onShow",
  appHide: "onHide",
  error: "onError",
  unhandledRejection: "onUnhandledRejection",
  pageNotFound: "onPageNotFound",
  themeChange: "onThemeChange",
};

export class MiniProgramApp {
  private instance: AppInstance | null = null;
  private readonly listeners: { [K in keyof HostEvents]?: Set<Listener<K>> } = {};
  private failing = false;

  constructor(private readonly reportError: (error: unknown) => void) {}

  readonly register = (definition: AppInstance): void => {
    if (this.instance) throw new Error("App() 只能调用一次 (App() was called twice)");
    this.instance = { ...definition };
  };

  readonly getApp = ({ allowDefault = false } = {}): AppInstance | undefined => {
    if (!this.instance && allowDefault) this.instance = {};
    return this.instance ?? undefined;
  };

  launch(options: LaunchOptions): void {
    this.call("onLaunch", options);
  }

  listen<K extends keyof HostEvents>(kind: K, listener: Listener<K>): () => void {
    const set = this.listenersOf(kind);
    set.add(listener);
    return () => set.delete(listener);
  }

  /** Tells App and the listeners; whether anybody was there to hear. */
  tell<K extends keyof HostEvents>(kind: K, event: HostEvents[K]): boolean {
    const listeners = [...this.listenersOf(kind)];
    const heard = this.call(APP_METHODS[kind], event);
    for (const listener of listeners) this.safely(() => listener(event));
    return heard || listeners.length > 0;
  }

  private listenersOf<K extends keyof HostEvents>(kind: K): Set<Listener<K>> {
    const lists = this.listeners as Record<K, Set<Listener<K>> | undefined>;
    lists[kind] ??= new Set();
    return lists[kind];
  }

  private call(name: string, argument: unknown): boolean {
    const method = this.instance?.[name];
    if (typeof method !== "function") return false;
    this.safely(() => method.call(this.instance, argument));
    return true;
  }

  /** An error within `onError` must not call `onError` again, for ever. */
  private safely(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (this.failing) return;
      this.failing = true;
      this.reportError(error);
      this.failing = false;
    }
  }
}
