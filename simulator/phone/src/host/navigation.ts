/** The stack of pages, and the rules by which WeChat moves on it. */

import type { AppConfig } from "./compiled";
import { createEventChannel } from "./event_channel";
import type { OpenPage } from "./page";
import type { EventChannel, Query } from "./ports";
import { type PageAddress, parseAddress } from "./urls";

/** WeChat keeps at most ten pages. */
const DEPTH = 10;

export type Opening = (address: PageAddress, channel: EventChannel) => OpenPage;

export class Navigation {
  private stack: OpenPage[] = [];
  /** Pages of the tab bar stay open, each by itself. */
  private readonly tabs = new Map<string, OpenPage>();

  constructor(
    private readonly config: AppConfig,
    private readonly open: Opening,
    private readonly changed: () => void,
    private readonly notFound: (path: string, query: Query) => void,
  ) {}

  get pages(): OpenPage[] {
    return [...this.stack];
  }

  get front(): OpenPage | undefined {
    return this.stack[this.stack.length - 1];
  }

  isTab(path: string): boolean {
    return this.config.tabBar?.list.some((tab) => tab.pagePath === path) ?? false;
  }

  navigateTo(url: string, channel: EventChannel): void {
    const address = this.find(url);
    if (this.isTab(address.path)) throw new Error("can not navigateTo a tabbar page");
    if (this.stack.length >= DEPTH) throw new Error("webview count limit exceed");
    this.front?.hide({ behind: true });
    this.push(address, channel);
  }

  redirectTo(url: string): void {
    const address = this.find(url);
    if (this.isTab(address.path)) throw new Error("can not redirectTo a tabbar page");
    this.drop(1);
    this.push(address);
  }

  reLaunch(url: string): void {
    const address = this.find(url);
    this.closeAll();
    this.push(address);
  }

  closeAll(): void {
    this.drop(this.stack.length);
    for (const page of this.tabs.values()) page.unload();
    this.tabs.clear();
  }

  switchTab(url: string): void {
    const address = { path: this.find(url).path, query: {} };
    if (!this.isTab(address.path)) throw new Error("can not switch to no-tabBar page");
    if (this.front?.path === address.path) return;
    this.drop(this.stack.length);
    this.push(address);
  }

  navigateBack(delta = 1): void {
    if (this.stack.length < 2) throw new Error("cannot navigate back at first page.");
    this.drop(Math.min(Math.max(delta, 1), this.stack.length - 1));
    this.front?.show();
    this.changed();
  }

  private find(url: string): PageAddress {
    const address = parseAddress(url, this.front?.path ?? "");
    if (this.config.pages.includes(address.path)) return address;
    this.notFound(address.path, address.query);
    throw new Error(`page "${address.path}" is not found`);
  }

  private push(address: PageAddress, channel = createEventChannel()): void {
    const kept = this.tabs.get(address.path);
    const page = kept ?? this.open(address, channel);
    this.stack.push(page);
    if (this.isTab(address.path)) this.tabs.set(address.path, page);
    this.changed();
    if (!kept) page.load();
    if (this.front === page) page.show();
  }

  /** Takes the last `count` pages away; those of the tab bar are only hidden. */
  private drop(count: number): void {
    for (const page of this.stack.splice(this.stack.length - count).reverse()) {
      if (this.tabs.get(page.path) === page) page.hide({ behind: true });
      else page.unload();
    }
  }
}
