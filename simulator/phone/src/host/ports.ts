/**
 * What the parts of the phone know of one another: host (pages), wx (functions), shell (the phone around the page)
 * and components. Nothing here runs.
 */

/** `config.json`, as the server of the phone gives it. */
export type PhoneConfig = {
  app_id: string;
  env_version: "develop" | "trial" | "release";
  /** Path of the simulator's side for phones, on our own origin. */
  sim: string;
  /** Origins the mini program may call, each with the path prefix of our own origin that stands for it. */
  forward: Record<string, string>;
  label: string;
  /** Where the phone hears of a new build of the mini program. */
  reload?: string;
};

/** Who holds the phone: the query of the phone's page. */
export type Holder = { user: string; device: string; dark: boolean };

export type FactBody =
  | { kind: "wx"; name: string; ok: boolean; detail?: unknown }
  | {
      kind: "request";
      id: number;
      method: string;
      url: string;
      body?: unknown;
      hasToken: boolean;
      header: Record<string, string>;
    }
  | { kind: "answer"; id: number; status: number; body?: unknown; ms: number }
  | { kind: "failed"; id: number; errMsg: string }
  | { kind: "storage"; key: string; value: unknown }
  | { kind: "page"; path: string }
  | { kind: "ready" }
  | { kind: "error"; text: string };

export type Fact = { source: "wechat-simulator-phone"; phone: string; at: number } & FactBody;

/** Tells the world outside of the phone what happened. */
export type Tell = (fact: FactBody) => void;

// ---------------------------------------------------------------- shell

export type NavigationBar = {
  style: "default" | "custom";
  /** Front colour: WeChat knows these two only. */
  color: "#ffffff" | "#000000";
  background: string;
};

export type TabBar = {
  color: string;
  selectedColor: string;
  backgroundColor: string;
  borderStyle: "black" | "white";
  list: { pagePath: string; text: string; iconUrl?: string; selectedIconUrl?: string }[];
};

export type Toast = {
  title: string;
  icon?: "success" | "error" | "loading" | "none";
  image?: string;
  duration?: number;
  mask?: boolean;
};

export type Modal = {
  title?: string;
  content?: string;
  showCancel?: boolean;
  cancelText?: string;
  cancelColor?: string;
  confirmText?: string;
  confirmColor?: string;
  editable?: boolean;
  placeholderText?: string;
};

export type ModalAnswer = { confirm: boolean; cancel: boolean; content?: string };

export type ActionSheet = { alertText?: string; itemList: string[]; itemColor?: string };

/** One of the numbers shown, or another one typed in: eleven digits. */
export type PhoneChoice = { chosen: number } | { added: string };

export type Rectangle = {
  left: number;
  top: number;
  right: number;
  bottom: number;
  width: number;
  height: number;
};

/** `wx.getWindowInfo()`. */
export type WindowInfo = {
  pixelRatio: number;
  screenWidth: number;
  screenHeight: number;
  windowWidth: number;
  windowHeight: number;
  statusBarHeight: number;
  screenTop: number;
  safeArea: Rectangle;
};

/** The phone around the page. */
export interface Shell {
  /** Where pages live: below the navigation bar and above the tab bar; the host fills it. */
  readonly pages: HTMLElement;
  setTitle(title: string): void;
  setNavigationStyle(style: NavigationBar): void;
  setNavigationLoading(on: boolean): void;
  setBackVisible(visible: boolean): void;
  onBack(listener: () => void): void;
  /** `null`: the page in front has no tab bar. */
  setTabBar(tabBar: TabBar | null, selected: number): void;
  onTab(listener: (index: number) => void): void;
  setDark(on: boolean): void;
  showToast(toast: Toast): void;
  hideToast(): void;
  showLoading(loading: { title: string; mask?: boolean }): void;
  hideLoading(): void;
  showModal(modal: Modal): Promise<ModalAnswer>;
  /** The index tapped; -1 where it was cancelled. */
  showActionSheet(sheet: ActionSheet): Promise<number>;
  /** The consent sheet of getPhoneNumber; numbers come masked. `null`: refused. */
  askPhone(o: { phones: string[] }): Promise<PhoneChoice | null>;
  /** Choose an avatar: WeChat's, or one of the album. */
  askAvatar(): Promise<Blob | null>;
  /** Pictures of the album or the camera; none where the person closed the sheet. */
  askPictures(o: { count: number }): Promise<Blob[]>;
  /** A picture over the whole screen, until it is tapped. */
  showImage(address: string): Promise<void>;
  askPrivacy(o: { contractName: string }): Promise<boolean>;
  askAuthorize(scope: string): Promise<boolean>;
  /** The page of authorisations; what they are when the person leaves it. */
  askSettings(authorisations: Record<string, boolean>): Promise<Record<string, boolean>>;
  /** Banner of an arriving SMS. */
  notify(o: { title: string; text: string; onTap?: () => void }): void;
  /** Another thing than the mini program is on the screen. */
  setAway(on: boolean): void;
  /** The capsule's dots, its circle, and the way back from elsewhere. */
  onMenu(listener: () => void): void;
  onLeave(listener: () => void): void;
  onReturn(listener: () => void): void;
  window(): WindowInfo;
  capsule(): Rectangle;
}

// ---------------------------------------------------------------- host

export type Query = Record<string, string>;

export type LaunchOptions = {
  path: string;
  query: Query;
  scene: number;
  shareTicket: string;
  referrerInfo: Record<string, never>;
};

/** Both ends of a navigation may talk: `events` of navigateTo and `getOpenerEventChannel`. */
export interface EventChannel {
  on(name: string, listener: (...args: unknown[]) => void): void;
  once(name: string, listener: (...args: unknown[]) => void): void;
  off(name: string, listener?: (...args: unknown[]) => void): void;
  emit(name: string, ...args: unknown[]): void;
}

/** A page of the mini program, as `getCurrentPages()` shows it. */
export type PageInstance = {
  readonly is: string;
  readonly route: string;
  readonly options: Query;
  readonly data: Record<string, unknown>;
  setData(data: Record<string, unknown>, callback?: () => void): void;
};

export type PageScroll = { scrollTop?: number; selector?: string; duration?: number };

/** What `App`, and `wx.onAppShow` and its like, hear. */
export type HostEvents = {
  appShow: LaunchOptions;
  appHide: undefined;
  /** Text of the error with its stack, as `wx.onError` gives it. */
  error: string;
  unhandledRejection: { reason: unknown; promise: Promise<unknown> };
  pageNotFound: { path: string; query: Query; isEntryPage: boolean };
  themeChange: { theme: "light" | "dark" };
};

/**
 * The runtime of pages. Navigations reject with an Error whose message is the reason WeChat gives after `fail `
 * (for instance `page "pages/x" is not found`).
 */
export interface Host {
  navigateTo(
    url: string,
    events?: Record<string, (...args: unknown[]) => void>,
  ): Promise<EventChannel>;
  redirectTo(url: string): Promise<void>;
  reLaunch(url: string): Promise<void>;
  switchTab(url: string): Promise<void>;
  navigateBack(delta?: number): Promise<void>;
  getCurrentPages(): PageInstance[];
  /** The element of the page in front; the page scrolls in it. */
  pageElement(): HTMLElement;
  /** Kept per page: coming back restores what the page had set. */
  setNavigationBar(o: {
    title?: string;
    frontColor?: "#ffffff" | "#000000";
    backgroundColor?: string;
    loading?: boolean;
  }): void;
  pageScrollTo(o: PageScroll): Promise<void>;
  startPullDownRefresh(): Promise<void>;
  stopPullDownRefresh(): void;
  /** `wx.createSelectorQuery()`, on the page in front. */
  createSelectorQuery(): unknown;
  createIntersectionObserver(component: unknown, options?: unknown): unknown;
  /** Runs after the data set until now is on the screen. */
  nextTick(run: () => void): void;
  launchOptions(): LaunchOptions;
  /** Foreground and background, as the home key of a phone does. */
  showApp(): void;
  hideApp(): void;
  isInForeground(): boolean;
  setDark(on: boolean): void;
  theme(): "light" | "dark";
  listen<K extends keyof HostEvents>(kind: K, listener: (event: HostEvents[K]) => void): () => void;
  /** Shows an error of the mini program's code: console, fact, `App.onError`. */
  reportError(error: unknown): void;
}

// ---------------------------------------------------------------- platform: what built-in components ask of wx

/** `e.detail` of the phone button; refused: no code, an errMsg. */
export type PhoneDetail = {
  errMsg: string;
  errno?: number;
  code?: string;
  encryptedData?: string;
  iv?: string;
  cloudID?: string;
};

export interface Platform {
  getPhoneNumber(o: { realtime: boolean; noQuotaToast: boolean }): Promise<PhoneDetail>;
  /** `null`: the person closed the sheet, and no event is fired. */
  chooseAvatar(): Promise<{ avatarUrl: string; errMsg?: string; errno?: number } | null>;
  getUserInfo(o: { lang: string; withCredentials: boolean }): Promise<Record<string, unknown>>;
  openSetting(): Promise<Record<string, unknown>>;
  /** A tap on `<button open-type="agreePrivacyAuthorization" id=…>`. */
  agreePrivacy(buttonId: string): void;
  share(o: { title?: string; path?: string }): void;
  contact(): void;
  feedback(): void;
  launchApp(): { errMsg: string };
  /** False: the nickname keyboard stays away, and the field is a plain one. */
  mayFillNickname(): Promise<boolean>;
  nickname(): string;
  /** `http://tmp/…`, package paths and web addresses to what `<img>` may show. */
  resolveImage(path: string): string;
  vibrate(): void;
}
