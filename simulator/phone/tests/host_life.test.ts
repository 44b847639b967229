import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { writeMiniProgram } from "./mini_program";
import { type OpenedPhone, openPhone } from "./open_phone";

const APP = `App({
  log: [],
  onLaunch({ path, query, scene }) { this.log.push("launch", { path, query, scene }); },
  onShow({ path }) { this.log.push("show " + path); },
  onHide() { this.log.push("hide"); },
  onError(text) { this.log.push("error " + text.split("\\n")[0]); },
  onUnhandledRejection({ reason }) { this.log.push("rejection " + reason.message); },
  onPageNotFound({ path }) { this.log.push("not found " + path); },
  onThemeChange({ theme }) { this.log.push("theme " + theme); },
})`;
const PAGE = `Page({
  onShow() { getApp().log.push("page show"); },
  onHide() { getApp().log.push("page hide"); },
  onPullDownRefresh() { getApp().log.push("refresh"); },
  onPageScroll({ scrollTop }) { getApp().log.push("scroll " + scrollTop); },
  onReachBottom() { getApp().log.push("bottom"); },
})`;

let folder: string;
let phone: OpenedPhone;
beforeAll(() => {
  folder = writeMiniProgram(
    {
      "pages/a": { js: PAGE, json: { enablePullDownRefresh: true } },
      "pages/failing": {
        js: `Page({ onLoad() { throw new Error("at load"); }, fail() { return Promise.reject(new Error("later")); } })`,
      },
    },
    { app: { darkmode: true, window: { navigationBarBackgroundColor: "#ffffff" } }, script: APP },
  );
});
beforeEach(async () => {
  phone = await openPhone(folder, { path: "pages/a?x=1" });
});
afterEach(() => phone.close());

const log = (): unknown[] =>
  (globalThis as unknown as { getApp(): { log: unknown[] } }).getApp().log;

test("App is launched, then shown, then the first page", () => {
  expect(log()).toEqual([
    "launch",
    { path: "pages/a", query: { x: "1" }, scene: 1001 },
    "show pages/a",
    "page show",
  ]);
});

test("background and foreground are told to the page and to App, once each", () => {
  const { host } = phone.phone;
  log().length = 0;
  for (const move of ["hideApp", "hideApp", "showApp", "showApp"] as const) host[move]();
  expect(log()).toEqual(["page hide", "hide", "show pages/a", "page show"]);
});

test("a page that is not there is told to App", async () => {
  await expect(phone.phone.host.navigateTo("/pages/none")).rejects.toThrow();
  expect(log()).toContain("not found pages/none");
});

test("the phone's switch for the dark is told, and shown on the page's root", () => {
  const { host } = phone.phone;
  host.setDark(true);
  host.setDark(true);
  expect(log().filter((each) => String(each).startsWith("theme"))).toEqual(["theme dark"]);
  expect(document.documentElement.dataset.theme).toBe("dark");
  host.setDark(false);
  expect(document.documentElement.dataset.theme).toBe("light");
});

describe("scrolling", () => {
  const scrollTo = (top: number): void => {
    const scroller = phone.phone.host.pageElement();
    Object.defineProperties(scroller, {
      scrollHeight: { value: 1000, configurable: true },
      clientHeight: { value: 400, configurable: true },
    });
    scroller.scrollTop = top;
    scroller.dispatchEvent(new Event("scroll"));
  };

  test("is told, and the bottom once each time it is reached", () => {
    log().length = 0;
    for (const top of [100, 560, 600, 100, 551]) scrollTo(top);
    expect(log().filter((each) => each === "bottom")).toHaveLength(2);
    expect(log()[0]).toBe("scroll 100");
  });

  test("pulling down refreshes, until the page says it has", () => {
    const scroller = phone.phone.host.pageElement();
    const touch = (name: string, clientY: number): void => {
      const fingers = [{ identifier: 1, clientX: 0, clientY }];
      const event = new Event(name, { bubbles: true });
      scroller.dispatchEvent(Object.assign(event, { touches: fingers, changedTouches: fingers }));
    };
    touch("touchstart", 10);
    touch("touchend", 200);
    expect(log()).toContain("refresh");
    expect(scroller.querySelector(".host-refreshing")).not.toBeNull();
    phone.phone.host.stopPullDownRefresh();
    expect(scroller.querySelector(".host-refreshing")).toBeNull();
  });
});

describe("errors", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => {});
  });

  test("of a page's life are told to App and outside, and the page is there nevertheless", async () => {
    await phone.phone.host.navigateTo("/pages/failing");
    expect(phone.path).toBe("pages/failing");
    expect(log()).toContain("error Error: at load");
    expect(phone.errors).toEqual([expect.stringContaining("at load")]);
  });

  test("of promises nobody waits for are told too", async () => {
    const reason = new Error("later");
    const event = Object.assign(new Event("unhandledrejection"), { reason, promise: null });
    window.dispatchEvent(event);
    expect(log()).toContain("rejection later");
    expect(phone.errors).toHaveLength(1);
  });
});

test("a page whose script never called Page is told by its name", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  phone.close();
  phone = await openPhone(writeMiniProgram({ "pages/silent": { js: "const nothing = 1;" } }));
  expect(phone.errors[0]).toContain('"pages/silent" has not been registered yet');
});

test("a script that fails does not keep the others from running", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  phone.close();
  phone = await openPhone(
    writeMiniProgram({
      "pages/good": { wxml: "<view>good</view>" },
      "pages/bad": { js: "nothing.at.all;" },
    }),
  );
  expect(phone.text()).toBe("good");
  expect(phone.errors[0]).toContain("nothing is not defined");
});
