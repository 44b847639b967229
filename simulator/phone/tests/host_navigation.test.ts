import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { writeMiniProgram } from "./mini_program";
import { type OpenedPhone, openPhone } from "./open_phone";

/** Each page writes down what happens to it in `getApp().log`. */
const TOLD = `Page({
  onLoad() { getApp().log.push(this.route + " load"); },
  onShow() { getApp().log.push(this.route + " show"); },
  onHide() { getApp().log.push(this.route + " hide"); },
  onUnload() { getApp().log.push(this.route + " unload"); },
  onTabItemTap(item) { getApp().log.push(this.route + " tap " + item.index + item.text); },
})`;
const CHANNEL = `Page({
  onLoad() {
    const channel = this.getOpenerEventChannel();
    channel.on("question", (text) => channel.emit("answer", text + "!"));
    channel.emit("answer", "loaded");
  },
})`;

let folder: string;
let phone: OpenedPhone;
beforeAll(() => {
  folder = writeMiniProgram(
    {
      "pages/home": { js: TOLD },
      "pages/mine": { js: TOLD },
      "pages/more/a": { js: TOLD, json: { navigationBarTitleText: "A" } },
      "pages/more/b": { js: TOLD },
      "pages/channel": { js: CHANNEL },
      "pages/late": {
        wxml: '<view wx:for="{{lines}}" wx:key="*this">{{item}}</view><input wx:if="{{lines.length}}" />',
        js: "Page({ data: { lines: [] } })",
      },
      "pages/made": {
        wxml: "<view>{{id}} {{typeof id}} {{seen}}</view>",
        js: `Component({
          properties: { id: Number },
          data: { seen: "" },
          methods: { onLoad(query) { this.setData({ seen: JSON.stringify(query) }); } },
        })`,
      },
    },
    {
      app: {
        window: { navigationBarTitleText: "App" },
        tabBar: {
          list: [
            { pagePath: "pages/home", text: "Home" },
            { pagePath: "pages/mine", text: "Mine" },
          ],
        },
      },
      script: "App({ log: [] })",
    },
  );
});
afterEach(() => phone.close());

const log = (): string[] => (globalThis as unknown as { getApp(): { log: string[] } }).getApp().log;
const routes = (): string[] => phone.phone.host.getCurrentPages().map(({ route }) => route);

describe("moving from page to page", () => {
  test("navigateTo keeps the page below, navigateBack comes back to it", async () => {
    phone = await openPhone(folder);
    const { host } = phone.phone;
    await host.navigateTo("/pages/more/a?x=1");
    await host.navigateTo("b");
    expect(routes()).toEqual(["pages/home", "pages/more/a", "pages/more/b"]);
    await host.navigateBack(2);
    expect(routes()).toEqual(["pages/home"]);
    expect(log()).toEqual([
      "pages/home load",
      "pages/home show",
      "pages/home hide",
      "pages/more/a load",
      "pages/more/a show",
      "pages/more/a hide",
      "pages/more/b load",
      "pages/more/b show",
      "pages/more/b unload",
      "pages/more/a unload",
      "pages/home show",
    ]);
  });

  test("an answer that comes to a page after it was left harms nothing", async () => {
    phone = await openPhone(folder);
    const complaints = vi.spyOn(console, "error").mockReturnValue();
    await phone.phone.host.navigateTo("/pages/late");
    const left = phone.page();
    await phone.phone.host.navigateBack(1);
    left.setData({ lines: ["one"] });
    await phone.settle();
    expect(complaints.mock.calls).toEqual([]);
    expect(phone.errors).toEqual([]);
    complaints.mockRestore();
  });

  test("redirectTo takes the page in front away, reLaunch all of them", async () => {
    phone = await openPhone(folder, { path: "pages/more/a" });
    const { host } = phone.phone;
    await host.redirectTo("../more/b");
    expect(routes()).toEqual(["pages/more/b"]);
    await host.navigateTo("a");
    await host.reLaunch("/pages/made");
    expect(routes()).toEqual(["pages/made"]);
  });

  test("pages of the tab bar stay alive beside one another", async () => {
    phone = await openPhone(folder);
    const { host } = phone.phone;
    await host.switchTab("/pages/mine");
    await host.navigateTo("/pages/more/a");
    log().length = 0;
    await host.switchTab("/pages/home");
    await host.switchTab("/pages/home");
    expect(routes()).toEqual(["pages/home"]);
    expect(log()).toEqual(["pages/more/a unload", "pages/home show"]);
  });

  test("a tap on the tab bar tells the page", async () => {
    phone = await openPhone(folder);
    await phone.tap("text=Mine");
    expect(log()).toContain("pages/mine tap 1Mine");
  });

  test.each([
    [
      "a page that is not there",
      "navigateTo",
      "/pages/nothing",
      'page "pages/nothing" is not found',
    ],
    ["navigateTo of a tab", "navigateTo", "/pages/mine", "can not navigateTo a tabbar page"],
    ["redirectTo of a tab", "redirectTo", "/pages/mine", "can not redirectTo a tabbar page"],
    ["switchTab of no tab", "switchTab", "/pages/more/a", "can not switch to no-tabBar page"],
  ] as const)("%s is refused in WeChat's words", async (_, move, url, reason) => {
    phone = await openPhone(folder);
    await expect(phone.phone.host[move](url)).rejects.toThrow(reason);
    expect(routes()).toEqual(["pages/home"]);
  });

  test("ten pages are the limit", async () => {
    phone = await openPhone(folder);
    for (let depth = 1; depth < 10; depth += 1) await phone.phone.host.navigateTo("/pages/more/a");
    await expect(phone.phone.host.navigateTo("/pages/more/a")).rejects.toThrow(
      "webview count limit exceed",
    );
    expect(routes()).toHaveLength(10);
  });

  test("there is no way back from the first page", async () => {
    phone = await openPhone(folder);
    await expect(phone.phone.host.navigateBack()).rejects.toThrow(
      "cannot navigate back at first page",
    );
  });

  test("wx.navigateTo hands the page's channel to both ends", async () => {
    phone = await openPhone(folder);
    const heard: unknown[] = [];
    const answer = (text: unknown) => heard.push(text);
    const channel = await phone.phone.host.navigateTo("/pages/channel", { answer });
    channel.emit("question", "who");
    expect(heard).toEqual(["loaded", "who!"]);
  });

  test("a page made by Component gets its query as properties and in onLoad", async () => {
    phone = await openPhone(folder, { path: "pages/made?id=7&other=x" });
    expect(phone.text()).toBe('7 number {"id":"7","other":"x"}');
  });
});

describe("the navigation bar", () => {
  test("keeps what each page had set", async () => {
    phone = await openPhone(folder);
    const { host } = phone.phone;
    const shown = (): string => document.querySelector(".phone-top")?.textContent ?? "";
    host.setNavigationBar({ title: "Changed" });
    expect(shown()).toContain("Changed");
    await host.navigateTo("/pages/more/a");
    expect(shown()).toContain("A");
    expect(shown()).not.toContain("Changed");
    await host.navigateBack();
    expect(shown()).toContain("Changed");
  });
});
