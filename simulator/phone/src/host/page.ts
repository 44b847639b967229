/** One page that is open: its element, its code, and its life from `onLoad` to `onUnload`. */

import type { Root } from "glass-easel-miniprogram-adapter";
import type { Code } from "./code";
import type { WindowConfig } from "./compiled";
import type { EventChannel, PageInstance, Query } from "./ports";

/** What the page itself set of the navigation bar. */
export type PageBar = {
  title?: string;
  frontColor?: "#ffffff" | "#000000";
  backgroundColor?: string;
  loading: boolean;
};

type Method = (this: unknown, ...args: unknown[]) => unknown;

export type PageOptions = {
  path: string;
  query: Query;
  config: WindowConfig;
  bar: PageBar;
  channel: EventChannel;
  code: Code;
  area: HTMLElement;
  reportError(error: unknown): void;
};

export class OpenPage {
  readonly frame = document.createElement("div");
  readonly scroller = document.createElement("div");
  readonly instance: PageInstance;
  private readonly root: Root;
  private ready = false;
  private shown = false;
  private scrollTop = 0;

  constructor(private readonly made: PageOptions) {
    const { path, query, channel, code, area } = made;
    this.frame.className = "host-frame";
    this.scroller.className = "host-scroller";
    this.frame.append(this.scroller);
    area.append(this.frame);
    this.root = code.backend.createRoot("page", code.space, path);
    const element = this.root.getComponent().getBackendElement() as unknown as HTMLElement;
    element.dataset.page = path;
    this.instance = this.root.get() as unknown as PageInstance;
    Object.assign(this.instance, {
      route: path,
      __route__: path,
      options: query,
      getOpenerEventChannel: () => channel,
    });
    this.setProperties(query);
  }

  get path(): string {
    return this.made.path;
  }

  get config(): WindowConfig {
    return this.made.config;
  }

  get bar(): PageBar {
    return this.made.bar;
  }

  /** A page made by `Component()` gets its query as properties too. */
  private setProperties(query: Query): void {
    const component = this.root.getComponent();
    const known = component.getComponentDefinition().behavior;
    const values = Object.entries(query).filter(
      ([name]) => known.getPropertyType(name) !== undefined,
    );
    if (values.length > 0) component.setData(Object.fromEntries(values));
  }

  /** Components within hear of it first; by then the page is one of `getCurrentPages()`. */
  load(): void {
    const placeholder = document.createElement("div");
    this.scroller.append(placeholder);
    this.root.attach(this.scroller as never, placeholder as never);
    this.call("onLoad", this.made.query);
  }

  show(): void {
    this.frame.hidden = false;
    this.scroller.scrollTop = this.scrollTop;
    if (this.shown) return;
    this.shown = true;
    this.call("onShow");
    this.root.getComponent().triggerPageLifetime("show", []);
    if (this.ready) return;
    this.ready = true;
    queueMicrotask(() => {
      if (this.frame.isConnected) this.call("onReady");
    });
  }

  /** The phone went to the background, or another page is in front. */
  hide({ behind }: { behind: boolean }): void {
    if (this.shown) {
      this.shown = false;
      this.call("onHide");
      this.root.getComponent().triggerPageLifetime("hide", []);
    }
    if (!behind) return;
    this.scrollTop = this.scroller.scrollTop;
    this.frame.hidden = true;
  }

  unload(): void {
    this.call("onUnload");
    this.root.release();
    this.frame.remove();
  }

  /** Whether the page has such a method. */
  has(name: string): boolean {
    return typeof (this.instance as unknown as Record<string, unknown>)[name] === "function";
  }

  call(name: string, ...args: unknown[]): void {
    if (!this.has(name)) return;
    try {
      (this.instance as unknown as Record<string, Method>)[name]?.(...args);
    } catch (error) {
      this.made.reportError(error);
    }
  }
}
