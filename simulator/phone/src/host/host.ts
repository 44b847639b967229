/** The runtime of pages: what `wx.navigateTo` and the shell's buttons move. */

import { MiniProgramApp } from "./app";
import type { BuiltIn } from "./built_in";
import { type Code, createCode } from "./code";
import type { CompiledApp } from "./compiled";
import { dress } from "./dressing";
import { createEventChannel } from "./event_channel";
import { useFormRoles } from "./forms";
import { catchErrors, errorText } from "./mistakes";
import { hasNativeBehavior } from "./native_behaviors";
import { Navigation } from "./navigation";
import { OpenPage } from "./page";
import { listenToPointers } from "./pointers";
import type {
  EventChannel,
  Host,
  HostEvents,
  LaunchOptions,
  PageScroll,
  Platform,
  Shell,
  Tell,
} from "./ports";
import { listenToScrolling, PullDownRefresh } from "./scrolling";
import { installSelectorQuery, SelectorQuery } from "./selector_query";
import { showTheme, type Theme } from "./theme";
import { type PageAddress, parseAddress } from "./urls";

export type HostOptions = { shell: Shell; tell: Tell; dark: boolean; builtIns: BuiltIn[] };

/** Opened by a tap in the list of mini programs. */
const SCENE = 1001;

export class PhoneHost implements Host {
  private readonly app = new MiniProgramApp((error) => this.reportError(error));
  private readonly refreshing = new PullDownRefresh();
  private compiled: CompiledApp | null = null;
  private code: Code | null = null;
  private navigation: Navigation | null = null;
  private launch: LaunchOptions = {
    path: "",
    query: {},
    scene: SCENE,
    shareTicket: "",
    referrerInfo: {},
  };
  private foreground = true;
  private lastPath = "";
  private readonly ignoreErrors: () => void;
  private dark: boolean;

  constructor(private readonly options: HostOptions) {
    this.dark = options.dark;
    const { shell } = options;
    installSelectorQuery(() => this.pageElement());
    this.ignoreErrors = catchErrors(this);
    listenToPointers(shell.pages);
    shell.onBack(() => void this.navigateBack().catch((error) => this.reportError(error)));
    shell.onTab((index) => this.tapTab(index));
  }

  /** Runs a compiled mini program, from `App.onLaunch` to its first page. */
  start(compiled: CompiledApp, platform: Platform, url = ""): void {
    const { shell, tell, builtIns } = this.options;
    this.compiled = compiled;
    this.applyTheme();
    this.code = createCode({
      app: compiled,
      builtIns,
      surroundings: () => ({ platform, host: this, shell }),
      globals: {
        App: this.app.register,
        getApp: this.app.getApp,
        getCurrentPages: () => this.getCurrentPages(),
      },
      reportError: (error) => this.reportError(error),
    });
    const { space } = this.code;
    useFormRoles((component, role) => hasNativeBehavior(component, space, role));
    this.navigation = new Navigation(
      compiled.config,
      (address, channel) => this.open(address, channel),
      () => this.dressShell(),
      (path, query) => this.app.tell("pageNotFound", { path, query, isEntryPage: false }),
    );
    const first = `/${url.replace(/^\//, "") || compiled.config.entryPagePath}`;
    this.launch = { ...this.launch, ...parseAddress(first, "") };
    this.code.run();
    this.app.launch(this.launch);
    this.app.tell("appShow", this.launch);
    try {
      this.navigation.reLaunch(first);
    } catch (error) {
      this.reportError(error);
    }
    tell({ kind: "ready" });
  }

  /** Ends the mini program, its pages with it. */
  stop(): void {
    this.navigation?.closeAll();
    this.ignoreErrors();
  }

  async navigateTo(url: string, events = {}) {
    const channel = createEventChannel(events);
    await this.moving((navigation) => navigation.navigateTo(url, channel));
    return channel;
  }

  async redirectTo(url: string): Promise<void> {
    await this.moving((navigation) => navigation.redirectTo(url));
  }

  async reLaunch(url: string): Promise<void> {
    await this.moving((navigation) => navigation.reLaunch(url));
  }

  async switchTab(url: string): Promise<void> {
    await this.moving((navigation) => navigation.switchTab(url));
  }

  async navigateBack(delta = 1): Promise<void> {
    await this.moving((navigation) => navigation.navigateBack(delta));
  }

  getCurrentPages() {
    return (this.navigation?.pages ?? []).map((page) => page.instance);
  }

  pageElement(): HTMLElement {
    return this.navigation?.front?.scroller ?? this.options.shell.pages;
  }

  setNavigationBar(o: Parameters<Host["setNavigationBar"]>[0]): void {
    const page = this.navigation?.front;
    if (!page) return;
    const given = Object.entries(o).filter(([, value]) => value !== undefined);
    Object.assign(page.bar, Object.fromEntries(given));
    this.dressShell();
  }

  async pageScrollTo({ scrollTop, selector }: PageScroll): Promise<void> {
    const scroller = this.pageElement();
    const instance = this.navigation?.front?.instance;
    if (scrollTop !== undefined) scroller.scrollTop = scrollTop;
    else if (selector && instance) {
      const query = new SelectorQuery(instance, () => scroller);
      const box = await new Promise<{ top: number } | null>((resolve) =>
        query
          .select(selector)
          .boundingClientRect((found) => resolve(found as never))
          .exec(),
      );
      if (!box) throw new Error(`selector "${selector}" not found`);
      scroller.scrollTop += box.top;
    }
  }

  async startPullDownRefresh(): Promise<void> {
    const page = this.navigation?.front;
    if (page) this.refreshing.start(page);
  }

  stopPullDownRefresh(): void {
    this.refreshing.stop();
  }

  createSelectorQuery(): SelectorQuery {
    return new SelectorQuery(this.navigation?.front?.instance, () => this.pageElement());
  }

  createIntersectionObserver(component: unknown, options?: unknown): unknown {
    type Observing = { createIntersectionObserver(options?: unknown): unknown };
    return (component as Observing).createIntersectionObserver(options);
  }

  nextTick(run: () => void): void {
    queueMicrotask(() => {
      try {
        run();
      } catch (error) {
        this.reportError(error);
      }
    });
  }

  launchOptions(): LaunchOptions {
    return { ...this.launch };
  }

  showApp(): void {
    if (this.foreground) return;
    this.foreground = true;
    this.app.tell("appShow", this.launch);
    this.navigation?.front?.show();
  }

  hideApp(): void {
    if (!this.foreground) return;
    this.foreground = false;
    this.navigation?.front?.hide({ behind: false });
    this.app.tell("appHide", undefined);
  }

  isInForeground(): boolean {
    return this.foreground;
  }

  setDark(on: boolean): void {
    const before = this.theme();
    this.dark = on;
    this.applyTheme();
    if (this.theme() !== before) this.app.tell("themeChange", { theme: this.theme() });
  }

  theme(): Theme {
    return this.dark && this.compiled?.config.darkmode ? "dark" : "light";
  }

  listen<K extends keyof HostEvents>(kind: K, listener: (event: HostEvents[K]) => void) {
    return this.app.listen(kind, listener);
  }

  reportError(error: unknown): void {
    const text = errorText(error);
    console.error(error);
    this.options.tell({ kind: "error", text });
    this.app.tell("error", text);
  }

  reportRejection(event: HostEvents["unhandledRejection"]): void {
    console.error(event.reason);
    this.options.tell({ kind: "error", text: errorText(event.reason) });
    this.app.tell("unhandledRejection", event);
  }

  /** Later, as in WeChat: code after `wx.navigateTo(…)` runs before the page it leads to. */
  private async moving(move: (navigation: Navigation) => void): Promise<void> {
    await Promise.resolve();
    if (!this.navigation) throw new Error("the mini program has not started");
    move(this.navigation);
  }

  private open({ path, query }: PageAddress, channel: EventChannel): OpenPage {
    const { code, compiled } = this;
    if (!code || !compiled) throw new Error("the mini program has not started");
    const config = { ...compiled.config.window, ...compiled.units[path]?.config };
    const page = new OpenPage({
      path,
      query,
      config,
      bar: { loading: false },
      channel,
      code,
      area: this.options.shell.pages,
      reportError: (error) => this.reportError(error),
    });
    listenToScrolling(page, () => this.refreshing.start(page));
    return page;
  }

  private tapTab(index: number): void {
    const tab = this.compiled?.config.tabBar?.list[index];
    if (!tab) return;
    void this.switchTab(`/${tab.pagePath}`).then(
      () => {
        const { pagePath, text } = tab;
        this.navigation?.front?.call("onTabItemTap", { index, pagePath, text });
      },
      (error) => this.reportError(error),
    );
  }

  private applyTheme(): void {
    showTheme(this.theme());
    this.options.shell.setDark(this.theme() === "dark");
    this.dressShell();
  }

  /** Brings the bars around the page in line with the page in front. */
  private dressShell(): void {
    const page = this.navigation?.front;
    if (!this.compiled || !page) return;
    dress(this.options.shell, page, {
      config: this.compiled.config,
      theme: this.theme(),
      depth: this.navigation?.pages.length ?? 1,
    });
    if (this.lastPath !== page.path) this.options.tell({ kind: "page", path: page.path });
    this.lastPath = page.path;
  }
}
