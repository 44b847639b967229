import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { writeMiniProgram } from "./mini_program";
import { type OpenedPhone, openPhone } from "./open_phone";

const PAGE = {
  wxml: `
    <view id="outer" data-name="outer" bindtap="told" capture-bind:tap="captured">
      <view id="inner" data-name="inner" data-foo-bar="{{ {a: 1} }}" mark:place="in"><text id="leaf">leaf</text></view>
      <view id="caught" catchtap="told" data-name="caught">caught</view>
      <view id="mutouter" mut-bind:tap="told" data-name="mut-outer">
        <view id="mut" mut-bind:tap="told" data-name="mut">mut</view>
      </view>
      <view id="stopped" capture-catch:tap="told" data-name="stopped"><view id="within" bindtap="told" /></view>
    </view>
    <view id="long" data-name="long" bindtap="told" bind:longpress="told">long</view>
    <view id="short" data-name="short" bindtap="told">short</view>
    <view id="hover" hover-class="pressed" hover-start-time="{{0}}" hover-stay-time="{{0}}">hover</view>
    <view id="touch" data-name="touch" bind:touchstart="told" bindtouchend="told" />
    <view id="dynamic" bindtap="{{handler}}" data-name="dynamic" />
    <view id="broken" bindtap="broken" />
    <view id="refused" bindtap="refused" />
    <view id="missing" bindtap="missing" />
    <input id="field" value="{{text}}" bind:input="typed" />`,
  js: `Page({
    data: { handler: "told", text: "" },
    events: [],
    told(event) { getApp().events.push(event); },
    captured(event) { getApp().captured += 1; },
    typed(event) { this.setData({ text: event.detail.value.toUpperCase() }); },
    broken() { throw new Error("broken on purpose"); },
    async refused() { throw new Error("refused on purpose"); },
  })`,
};

type Told = {
  type: string;
  target: { id: string; dataset: Record<string, unknown> };
  currentTarget: { id: string; dataset: Record<string, unknown> };
  detail: unknown;
  mark: unknown;
  touches: unknown[];
  changedTouches: unknown[];
};

let folder: string;
let phone: OpenedPhone;
beforeAll(() => {
  folder = writeMiniProgram({ "pages/a": PAGE }, { script: "App({ events: [], captured: 0 })" });
});
beforeEach(async () => {
  phone = await openPhone(folder);
});
afterEach(() => {
  vi.useRealTimers();
  phone.close();
});

type TestApp = { events: Told[]; captured: number };
const app = (): TestApp => (globalThis as unknown as { getApp(): TestApp }).getApp();
const names = (): unknown[] =>
  app().events.map(({ type, currentTarget }) => `${type} ${currentTarget.dataset.name}`);

describe("a tap", () => {
  test("bubbles, and tells where it came from and whom it tells", async () => {
    await phone.tap("#leaf");
    const [event] = app().events;
    expect(event?.type).toBe("tap");
    expect(event?.currentTarget).toMatchObject({ id: "outer", dataset: { name: "outer" } });
    expect(event?.target).toMatchObject({ id: "leaf" });
    expect(event?.mark).toEqual({ place: "in" });
    expect(app().captured).toBe(1);
  });

  test("is a plain value, which can be kept with setData", async () => {
    await phone.tap("#inner");
    const copy = JSON.parse(JSON.stringify(app().events[0]));
    expect(copy.target.dataset).toEqual({ name: "inner", fooBar: { a: 1 } });
    expect(copy.changedTouches).toHaveLength(1);
  });

  test("goes no further than catch, and to one mut-bind only", async () => {
    await phone.tap("#caught");
    expect(names()).toEqual(["tap caught"]);
    app().events.length = 0;
    await phone.tap("#mut");
    expect(names()).toEqual(["tap mut", "tap outer"]);
  });

  test("is stopped on its way in by capture-catch", async () => {
    await phone.tap("#within");
    expect(names()).toEqual(["tap stopped"]);
  });

  test("reaches a handler whose name is data", async () => {
    await phone.tap("#dynamic");
    expect(names()).toEqual(["tap dynamic"]);
  });

  test("that the page has no method for is told on the console, once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await phone.tap("#missing");
    await phone.tap("#missing");
    await phone.tap("#leaf");
    expect(warn.mock.calls).toEqual([
      ['Component "pages/a" does not have a method "missing" to handle event "tap".'],
    ]);
    warn.mockRestore();
  });

  test("is none where the finger moved away", async () => {
    const node = phone.find("#short");
    node.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
    node.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX: 30 }));
    node.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
    expect(names()).toEqual([]);
  });

  test("by finger is one tap, though the browser sends the mouse's events after it", async () => {
    const node = phone.find("#short");
    const finger = { identifier: 1, clientX: 1, clientY: 1 };
    for (const name of ["touchstart", "touchend"]) {
      const event = Object.assign(new Event(name, { bubbles: true }), { changedTouches: [finger] });
      node.dispatchEvent(event);
    }
    node.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
    node.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
    expect(names()).toEqual(["tap short"]);
  });

  test("comes from the keyboard too", async () => {
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    phone.find("#short").dispatchEvent(enter);
    expect(names()).toEqual(["tap short"]);
  });
});

describe("a finger that stays", () => {
  const hold = (target: string, ms: number): void => {
    vi.useFakeTimers();
    const node = phone.find(target);
    node.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
    vi.advanceTimersByTime(ms);
    node.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
  };

  test("is a longpress instead of a tap, where somebody listens for one", () => {
    hold("#long", 350);
    expect(names()).toEqual(["longpress long"]);
  });

  test("is a tap where nobody does, and before 350 ms", () => {
    hold("#short", 1000);
    hold("#long", 349);
    expect(names()).toEqual(["tap short", "tap long"]);
  });
});

test("touchstart and touchend tell of their fingers", async () => {
  await phone.tap("#touch");
  expect(names()).toEqual(["touchstart touch", "touchend touch"]);
  expect(app().events[1]?.touches).toEqual([]);
  expect(app().events[1]?.changedTouches).toHaveLength(1);
});

test("hover-class is worn while the finger is down", () => {
  vi.useFakeTimers();
  const node = phone.find("#hover");
  node.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
  vi.advanceTimersByTime(1);
  expect(node.className).toBe("pressed");
  node.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
  vi.advanceTimersByTime(1);
  expect(node.className).toBe("");
});

test("an input's event comes once, and the page may answer by another value", async () => {
  await phone.type("#field", "abc");
  expect(phone.find("#field").querySelector("input")?.value).toBe("ABC");
});

describe("errors of handlers are told, not swallowed", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => {});
  });

  test("thrown", async () => {
    await phone.tap("#broken");
    expect(phone.errors).toEqual([expect.stringContaining("broken on purpose")]);
    expect(console.error).toHaveBeenCalledOnce();
  });
});
