/** A `wx` whose phone, host and servers are in the test's hand. */

import { vi } from "vitest";
import type { Fact, Host, HostEvents, Shell } from "../src/host/ports";
import { createWx, type PhoneWx, type WxParts } from "../src/wx/create";
import type { Directed } from "../src/wx/directions";
import { createFacts } from "../src/wx/facts";

export type Sent = { url: string; init: RequestInit };
export type Serve = (sent: Sent) => Response | Promise<Response>;
export type Answer = { errMsg: string; [name: string]: unknown };
/** The functions of `wx`, as a mini program without types sees them. */
export type Functions = Record<string, (...values: unknown[]) => unknown>;

export const SERVER = "http://127.0.0.1:8000";

export const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json" },
  });

export type TestPhone = Omit<PhoneWx, "wx"> & {
  wx: Functions;
  directed: Directed;
  sent: Sent[];
  facts: Fact[];
  shell: { [K in keyof Shell]: ReturnType<typeof vi.fn> };
  host: Host & { errors: unknown[] };
  window: Window & typeof globalThis;
  /** Calls with callbacks; the result is whichever is called. */
  call(name: string, options?: Record<string, unknown>): Promise<Answer>;
};

export function openPhone(
  serve: Serve = () => json({}),
  given: Partial<WxParts> & { device?: string; user?: string } = {},
): TestPhone {
  const sent: Sent[] = [];
  const fetch = vi.fn(async (url: string, init: RequestInit = {}) => {
    sent.push({ url, init });
    return serve({ url, init });
  });
  vi.stubGlobal("fetch", fetch);
  const holder = { user: given.user ?? "ann", device: given.device ?? "phone-1", dark: false };
  const host = fakeHost();
  const shell = fakeShell();
  const made = createWx({
    config: {
      app_id: "wxtest",
      env_version: "develop",
      sim: "/sim",
      forward: { [SERVER]: "/server" },
      label: "模拟",
    },
    holder,
    host,
    shell: shell as unknown as Shell,
    tell: createFacts(window, holder.device),
    window: window as Window & typeof globalThis,
    restart: vi.fn(),
    assetUrl: (path) => `app/assets${path}`,
    ...given,
  });
  const wx = made.wx as Functions;
  return {
    ...made,
    wx,
    sent,
    shell,
    host,
    window: window as Window & typeof globalThis,
    facts: window.phoneFacts ?? [],
    call: (name, options = {}) =>
      new Promise((tell) => {
        wx[name]?.({ ...options, success: tell, fail: tell });
      }),
  };
}

export function bodyOf(sent: Sent | undefined): Record<string, unknown> {
  return JSON.parse(String(sent?.init.body));
}

type Listening = { [K in keyof HostEvents]?: (event: HostEvents[K]) => void };

function fakeHost(): TestPhone["host"] {
  let isInForeground = true;
  const listening: Listening = {};
  const errors: unknown[] = [];
  const host: Partial<Host> & { errors: unknown[] } = {
    errors,
    navigateTo: vi.fn(async () => ({ on() {}, once() {}, off() {}, emit() {} })),
    navigateBack: vi.fn(async () => {}),
    getCurrentPages: () => [{ route: "pages/home/home" }] as ReturnType<Host["getCurrentPages"]>,
    setNavigationBar: vi.fn(),
    launchOptions: () => ({
      path: "pages/home/home",
      query: {},
      scene: 1001,
      shareTicket: "",
      referrerInfo: {},
    }),
    showApp: () => {
      isInForeground = true;
      listening.appShow?.(host.launchOptions?.() as HostEvents["appShow"]);
    },
    hideApp: () => {
      isInForeground = false;
      listening.appHide?.(undefined);
    },
    isInForeground: () => isInForeground,
    setDark: vi.fn(),
    theme: () => "light",
    listen: (kind, listener) => {
      Object.assign(listening, { [kind]: listener });
      return () => {};
    },
    reportError: (error) => void errors.push(error),
  };
  return host as TestPhone["host"];
}

function fakeShell(): TestPhone["shell"] {
  const names = [
    ...["showToast", "hideToast", "showLoading", "hideLoading", "showModal", "showActionSheet"],
    ...["askPhone", "askAvatar", "askPictures", "askPrivacy", "askAuthorize", "askSettings"],
    ...["showImage", "notify", "setAway", "onMenu", "onLeave", "onReturn", "window", "capsule"],
  ];
  return Object.fromEntries(names.map((name) => [name, vi.fn()])) as TestPhone["shell"];
}
