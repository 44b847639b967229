import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ComponentPage, openTemplate } from "./components_phone";

let phone: ComponentPage;
afterEach(() => {
  phone.close();
  vi.useRealTimers();
});

const swipe = (element: HTMLElement, from: [number, number], to: [number, number]): void => {
  for (const [name, [clientX, clientY]] of [
    ["pointerdown", from],
    ["pointerup", to],
  ] as const) {
    element.dispatchEvent(new MouseEvent(name, { clientX, clientY, bubbles: true }));
  }
};

describe("a swiper", () => {
  const SWIPER = (attributes: string): string => `
    <swiper id="s" ${attributes} bindchange="note">
      <swiper-item item-id="a">a</swiper-item><swiper-item item-id="b">b</swiper-item>
      <swiper-item item-id="c">c</swiper-item>
    </swiper>`;
  const changes = (): unknown[] => phone.noted().map(({ detail }) => detail);

  test("follows the finger, and stops at its ends", async () => {
    phone = await openTemplate(SWIPER("indicator-dots"));
    const swiper = phone.element("#s");
    swipe(swiper, [200, 10], [20, 15]);
    swipe(swiper, [200, 10], [20, 15]);
    swipe(swiper, [200, 10], [20, 15]);
    swipe(swiper, [100, 10], [110, 10]);
    swipe(swiper, [100, 10], [160, 200]);
    expect(changes()).toEqual([
      { current: 1, currentItemId: "b", source: "touch" },
      { current: 2, currentItemId: "c", source: "touch" },
    ]);
    expect(swiper.querySelectorAll(".built-in-dots i")).toHaveLength(3);
    expect(phone.element("text=a").getAttribute("aria-hidden")).toBe("true");
  });

  test("goes round where it is circular", async () => {
    phone = await openTemplate(SWIPER("circular"));
    swipe(phone.element("#s"), [20, 10], [200, 15]);
    expect(changes()).toMatchObject([{ current: 2 }]);
  });

  test("moves when the page says where to, and by itself", async () => {
    phone = await openTemplate(SWIPER('current="{{at}}" autoplay="{{play}}" interval="1000"'), {
      methods: "data: { at: 0, play: false }",
    });
    phone.page().setData({ at: 2 });
    await phone.settle();
    expect(changes()).toMatchObject([{ current: 2, source: "" }]);
    vi.useFakeTimers();
    phone.page().setData({ play: true });
    await vi.advanceTimersByTimeAsync(1500);
    expect(changes()).toMatchObject([{ current: 0, source: "autoplay" }]);
    phone.page().setData({ play: false });
    await vi.advanceTimersByTimeAsync(5000);
    expect(changes()).toEqual([]);
  });
});

describe("a scroll view", () => {
  const measured = (selector: string): HTMLElement => {
    const inside = phone.element(selector).querySelector("wx-inside") as HTMLElement;
    Object.defineProperties(inside, {
      scrollHeight: { value: 1000 },
      clientHeight: { value: 100 },
      scrollWidth: { value: 50 },
    });
    return inside;
  };
  const scrollTo = (inside: HTMLElement, top: number): void => {
    inside.scrollTop = top;
    inside.dispatchEvent(new Event("scroll"));
  };

  test("tells each arrival at an end once", async () => {
    phone = await openTemplate(
      `<scroll-view id="s" scroll-y bindscrolltoupper="note" bindscrolltolower="note">x</scroll-view>`,
    );
    const inside = measured("#s");
    for (const top of [300, 870, 890, 400, 20, 10]) scrollTo(inside, top);
    expect(phone.noted()).toMatchObject([
      { type: "scrolltolower", detail: { direction: "bottom" } },
      { type: "scrolltoupper", detail: { direction: "top" } },
    ]);
  });

  test("tells where it is, and how far it came", async () => {
    phone = await openTemplate(`<scroll-view id="s" scroll-y bindscroll="note">x</scroll-view>`);
    const inside = measured("#s");
    scrollTo(inside, 100);
    scrollTo(inside, 130);
    expect(phone.noted().map(({ detail }) => detail)).toMatchObject([
      { scrollTop: 100, deltaY: -100, scrollHeight: 1000 },
      { scrollTop: 130, deltaY: -30 },
    ]);
  });

  test("goes where the page says, in pixels or to an element", async () => {
    phone = await openTemplate(
      `<scroll-view id="s" scroll-y scroll-top="{{top}}" scroll-into-view="{{to}}"><view id="row">x</view></scroll-view>`,
      { methods: 'data: { top: 0, to: "" }' },
    );
    const inside = measured("#s");
    phone.page().setData({ top: "120px" });
    await phone.settle();
    expect(inside.scrollTop).toBe(120);
    phone.element("#row").getBoundingClientRect = () => ({ top: 300, left: 0 }) as DOMRect;
    phone.page().setData({ to: "row" });
    await phone.settle();
    expect(inside.scrollTop).toBe(420);
  });

  test("asks for a refresh when it is pulled far enough, and ends it when told", async () => {
    phone = await openTemplate(
      `<scroll-view id="s" scroll-y refresher-enabled refresher-triggered="{{on}}"
        bindrefresherrefresh="note" bindrefresherabort="note" bindrefresherrestore="note">x</scroll-view>`,
      { methods: "data: { on: false }" },
    );
    const pull = (distance: number): void => {
      const element = phone.element("#s");
      const touch = (clientY: number): Touch => ({ clientX: 0, clientY, identifier: 1 }) as Touch;
      for (const [name, y] of [["touchstart", 0] as const, ["touchend", distance] as const]) {
        const event = Object.assign(new Event(name, { bubbles: true }), {
          touches: [touch(y)],
          changedTouches: [touch(y)],
        });
        element.dispatchEvent(event);
      }
    };
    pull(20);
    pull(80);
    expect(phone.noted().map(({ type }) => type)).toEqual(["refresherabort", "refresherrefresh"]);
    expect(phone.element("#s").querySelector("[role=status]")).not.toBeNull();
    phone.page().setData({ on: true });
    phone.page().setData({ on: false });
    await phone.settle();
    expect(phone.noted().map(({ type }) => type)).toEqual(["refresherrestore"]);
    expect(phone.element("#s").querySelector("[role=status]")).toBeNull();
  });
});

describe("a page container", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout"] }));

  test("tells of its coming and going, and leaves when its overlay is tapped", async () => {
    phone = await openTemplate(
      `<page-container model:show="{{on}}" bindbeforeenter="note" bindafterenter="note" bindclickoverlay="note"
        bindafterleave="note"><view>sheet</view></page-container><view id="on">{{on}}</view>`,
      { methods: "data: { on: false }" },
    );
    phone.page().setData({ on: true });
    await vi.advanceTimersByTimeAsync(300);
    for (const name of ["mousedown", "mouseup"]) {
      phone.element("wx-page-overlay").dispatchEvent(new MouseEvent(name, { bubbles: true }));
    }
    await vi.advanceTimersByTimeAsync(300);
    expect(phone.noted().map(({ type }) => type)).toEqual([
      "beforeenter",
      "afterenter",
      "clickoverlay",
      "afterleave",
    ]);
    expect(phone.text("#on")).toBe("false");
  });
});

test("a root portal puts its content at the page's end, and takes it away with itself", async () => {
  phone = await openTemplate(
    `<view><root-portal wx:if="{{on}}"><view id="in">x</view></root-portal></view><view id="last" />`,
    {
      methods: "data: { on: true }",
    },
  );
  const page = phone.element("#last").closest("wx-page");
  expect(phone.element("#in").parentElement?.parentElement).toBe(page);
  phone.page().setData({ on: false });
  await phone.settle();
  expect(phone.has("#in")).toBe(false);
});

test("match-media shows its content on a screen of that size only", async () => {
  phone = await openTemplate(
    `<match-media id="wide" min-width="5000">x</match-media><match-media id="narrow" max-width="5000">y</match-media>`,
  );
  expect(phone.element("#wide").hasAttribute("unmatched")).toBe(true);
  expect(phone.element("#narrow").hasAttribute("unmatched")).toBe(false);
});

test("a navigation bar in the template names the page in front, and no other", async () => {
  phone = await openTemplate(
    `<navigation-bar title="{{title}}" /><page-meta page-style="color: red" />`,
    {
      methods: 'data: { title: "first" }',
    },
  );
  expect(phone.screen()).toContain("first");
  expect(phone.element("page").style.color).toBe("red");
});
