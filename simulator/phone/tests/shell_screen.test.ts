// @vitest-environment jsdom
import { describe, expect, test, vi } from "vitest";
import { clearPage, find, openShell, tap } from "./shell_phone";

clearPage();

const BAR = { style: "default", color: "#000000", background: "#ededed" } as const;

describe("bars", () => {
  test("say that it is simulated, and what time it is", () => {
    vi.useFakeTimers({ now: new Date(2026, 0, 2, 9, 5, 55) });
    openShell();
    expect(find(".phone-status").textContent).toBe("09:05模拟 Simulated");
    vi.advanceTimersByTime(10_000);
    expect(find(".phone-time").textContent).toBe("09:06");
  });

  test("title, way back, and the capsule's two buttons", () => {
    const shell = openShell();
    const heard: string[] = [];
    shell.onBack(() => heard.push("back"));
    shell.onMenu(() => heard.push("menu"));
    shell.onLeave(() => heard.push("leave"));
    shell.setTitle("我的");
    shell.setNavigationStyle(BAR);
    expect(find("h1").textContent).toBe("我的");
    expect(find<HTMLButtonElement>(".phone-back").hidden).toBe(true);
    shell.setBackVisible(true);
    expect(find<HTMLButtonElement>(".phone-back").hidden).toBe(false);
    for (const name of ["返回", "更多", "离开小程序"]) tap(name);
    expect(heard).toEqual(["back", "menu", "leave"]);
  });

  test("tabs: the one in front is marked, the others lead to theirs", () => {
    const shell = openShell();
    const heard = vi.fn();
    shell.onTab(heard);
    const list = [
      { pagePath: "pages/a", text: "首页", iconUrl: "a.png", selectedIconUrl: "a-on.png" },
      { pagePath: "pages/b", text: "我的", iconUrl: "b.png" },
    ];
    const look = { color: "#111", selectedColor: "#07c160", backgroundColor: "#fff" };
    shell.setTabBar({ ...look, borderStyle: "black", list }, 0);
    expect(find("[aria-current=page]").textContent).toBe("首页");
    expect(find("[aria-current=page] img").getAttribute("src")).toBe("a-on.png");
    tap("我的");
    expect(heard).toHaveBeenCalledWith(1);
    shell.setTabBar(null, -1);
    expect(find(".phone-tabs").hidden).toBe(true);
  });

  test("the window is what the bars leave, and the capsule is where it is drawn", () => {
    const shell = openShell();
    Object.assign(window, { innerWidth: 375, innerHeight: 760 });
    shell.setNavigationStyle(BAR);
    expect(shell.window()).toMatchObject({ windowHeight: 672, statusBarHeight: 44, screenTop: 88 });
    const tabs = { color: "", selectedColor: "", backgroundColor: "", list: [] };
    shell.setTabBar({ ...tabs, borderStyle: "white" }, 0);
    shell.setNavigationStyle({ ...BAR, style: "custom" });
    expect(shell.window()).toMatchObject({ windowHeight: 710, screenTop: 0, screenHeight: 760 });
    expect(shell.capsule()).toEqual({
      left: 281,
      top: 50,
      right: 368,
      bottom: 82,
      width: 87,
      height: 32,
    });
  });
});

describe("toasts", () => {
  test("go after their time; a later one takes the place and its own time", () => {
    vi.useFakeTimers();
    const shell = openShell();
    const layer = find("[role=status]");
    shell.showToast({ title: "已保存", duration: 1000 });
    vi.advanceTimersByTime(900);
    shell.showToast({ title: "第二个", duration: 1000 });
    vi.advanceTimersByTime(900);
    expect(layer.textContent).toBe("第二个");
    vi.advanceTimersByTime(100);
    expect(layer.hidden).toBe(true);
  });

  test("loading stays until it is taken away", () => {
    vi.useFakeTimers();
    const shell = openShell();
    const layer = find("[role=status]");
    shell.showToast({ title: "先", duration: 500 });
    shell.showLoading({ title: "登录中", mask: true });
    vi.advanceTimersByTime(60_000);
    expect(layer.textContent).toBe("登录中");
    expect(layer.dataset.mask).toBe("yes");
    shell.hideLoading();
    expect(layer.hidden).toBe(true);
  });
});

test("a banner is tapped without taking the focus from the field, and goes by itself", () => {
  vi.useFakeTimers();
  const shell = openShell();
  const onTap = vi.fn();
  shell.notify({ title: "短信", text: "验证码 123456", onTap });
  const banner = find(".phone-banner");
  const press = new MouseEvent("mousedown", { cancelable: true, bubbles: true });
  banner.dispatchEvent(press);
  expect(press.defaultPrevented).toBe(true);
  banner.click();
  expect(onTap).toHaveBeenCalledOnce();
  expect(document.querySelector(".phone-banner")).toBeNull();
  shell.notify({ title: "短信", text: "二" });
  vi.advanceTimersByTime(29_999);
  expect(document.querySelector(".phone-banner")).not.toBeNull();
  vi.advanceTimersByTime(1);
  expect(document.querySelector(".phone-banner")).toBeNull();
});

test("while the mini program is away nothing of it can be reached, and there is a way back", () => {
  const shell = openShell();
  const back = vi.fn();
  shell.onReturn(back);
  shell.setAway(true);
  expect(find(".phone-away").hidden).toBe(false);
  expect(shell.pages.inert).toBe(true);
  expect(document.activeElement?.textContent).toBe("返回小程序");
  tap("返回小程序");
  expect(back).toHaveBeenCalledOnce();
  shell.setAway(false);
  expect(shell.pages.inert).toBe(false);
  expect(find(".phone-away").hidden).toBe(true);
});

test("nothing the shell builds carries a style attribute in markup or a handler", () => {
  const shell = openShell();
  const set = vi.spyOn(Element.prototype, "setAttribute");
  shell.setNavigationStyle(BAR);
  void shell.showModal({ title: "x", confirmColor: "#ff0000" });
  void shell.askPhone({ phones: ["1"] });
  const names = set.mock.calls.map(([name]) => name);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => name === "style" || name.startsWith("on"))).toEqual([]);
  set.mockRestore();
});
