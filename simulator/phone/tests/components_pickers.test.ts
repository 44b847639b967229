import { afterEach, describe, expect, test } from "vitest";
import { type ComponentPage, openTemplate, press } from "./components_phone";

let phone: ComponentPage;
afterEach(() => phone.close());

const wheels = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(".built-in-wheel")];
const shown = (): string[] => wheels().map((wheel) => wheel.getAttribute("aria-valuetext") ?? "");
const rows = (column: number): string[] =>
  [...(wheels()[column]?.children ?? [])].map((row) => row.textContent ?? "");
const move = (column: number, key: "ArrowUp" | "ArrowDown"): void =>
  press(wheels()[column] as HTMLElement, key);

async function pick(attributes: string, methods = ""): Promise<void> {
  phone = await openTemplate(
    `<picker id="p" ${attributes} bindchange="note" bindcancel="note">pick</picker>`,
    { methods },
  );
  await phone.tap("#p");
}

describe("a picker", () => {
  test("gives the index of the row chosen, as text", async () => {
    await pick(`range="{{[{ n: 'a' }, { n: 'b' }, { n: 'c' }]}}" range-key="n" value="{{1}}"`);
    expect([rows(0), shown()]).toEqual([["a", "b", "c"], ["b"]]);
    move(0, "ArrowDown");
    move(0, "ArrowDown");
    await phone.tap("text=确定");
    expect(phone.noted()).toMatchObject([{ type: "change", detail: { value: "2" } }]);
    expect(wheels()).toEqual([]);
  });

  test("chooses a row that is tapped", async () => {
    await pick(`range="{{['apple', 'pear', 'plum']}}"`);
    await phone.tap("text=plum");
    await phone.tap("text=确定");
    expect(phone.noted()).toMatchObject([{ detail: { value: "2" } }]);
  });

  test("changes nothing when it is cancelled", async () => {
    await pick(`range="{{['a', 'b']}}"`);
    move(0, "ArrowDown");
    await phone.tap("text=取消");
    expect(phone.noted()).toMatchObject([{ type: "cancel" }]);
    await phone.tap("#p");
    expect(shown()).toEqual(["a"]);
  });

  test("does not open when it is disabled", async () => {
    await pick(`disabled range="{{['a']}}"`);
    expect(wheels()).toEqual([]);
  });

  test("with several columns lets the page answer each move with other rows", async () => {
    await pick(
      'mode="multiSelector" range="{{range}}" value="{{value}}" bindcolumnchange="columnChanged"',
      `data: { range: [["x", "y"], ["x1", "x2"]], value: [0, 1] },
       columnChanged(e) {
         this.note(e);
         this.setData({ range: [["x", "y"], ["y1"]], value: [1, 0] });
       }`,
    );
    expect(shown()).toEqual(["x", "x2"]);
    move(0, "ArrowDown");
    await phone.settle();
    expect(shown()).toEqual(["y", "y1"]);
    await phone.tap("text=确定");
    expect(phone.noted()).toMatchObject([
      { type: "columnchange", detail: { column: 0, value: 1 } },
      { type: "change", detail: { value: [1, 0] } },
    ]);
  });
});

describe("a picker of time", () => {
  test("stays between start and end", async () => {
    await pick('mode="time" start="09:30" end="11:10" value="08:00"');
    expect(shown()).toEqual(["09", "30"]);
    expect(rows(0)).toEqual(["09", "10", "11"]);
    move(0, "ArrowDown");
    expect(rows(1)).toHaveLength(60);
    move(0, "ArrowDown");
    expect(rows(1)).toHaveLength(11);
    expect(shown()).toEqual(["11", "10"]);
    await phone.tap("text=确定");
    expect(phone.noted()).toMatchObject([{ detail: { value: "11:10" } }]);
  });
});

describe("a picker of dates", () => {
  test("knows how long a month is", async () => {
    await pick('mode="date" value="2024-01-31"');
    move(1, "ArrowDown");
    expect(rows(2)).toHaveLength(29);
    expect(shown()).toEqual(["2024年", "2月", "29日"]);
    await phone.tap("text=确定");
    expect(phone.noted()).toMatchObject([{ detail: { value: "2024-02-29" } }]);
  });

  test("gives the month alone where days are not asked for", async () => {
    await pick('mode="date" fields="month" start="2024-03" end="2025-01" value="2024-05-09"');
    expect(rows(0)).toEqual(["2024年", "2025年"]);
    expect(rows(1)[0]).toBe("3月");
    await phone.tap("text=确定");
    expect(phone.noted()).toMatchObject([{ detail: { value: "2024-05" } }]);
  });
});

describe("a picker of places", () => {
  test("follows the province chosen, and says that it has a few places only", async () => {
    await pick("mode=\"region\" value=\"{{['广东省', '深圳市', '南山区']}}\"");
    expect(shown()).toEqual(["广东省", "深圳市", "南山区"]);
    move(0, "ArrowUp");
    expect(shown()).toEqual(["浙江省", "杭州市", "上城区"]);
    await phone.tap("text=确定");
    expect(phone.noted()).toMatchObject([
      {
        detail: {
          value: ["浙江省", "杭州市", "上城区"],
          code: ["330000", "330100", "330102"],
          postcode: "310002",
        },
      },
    ]);
    expect(phone.screen()).toContain("模拟手机只有几个示例地区");
  });
});

test("a picker view tells where its columns stand", async () => {
  phone = await openTemplate(`
    <picker-view value="{{[1, 0]}}" bindchange="note" bindpickend="note" indicator-style="height: 50px">
      <picker-view-column id="one"><view>a</view><view>b</view><view>c</view></picker-view-column>
      <picker-view-column><view>x</view><view>y</view></picker-view-column>
    </picker-view>`);
  const wheel = phone.element("#one").querySelector("wx-inside") as HTMLElement;
  expect(wheel.getAttribute("aria-valuetext")).toBe("b");
  press(wheel, "ArrowDown");
  expect(phone.noted()).toMatchObject([
    { type: "change", detail: { value: [2, 0] } },
    { type: "pickend" },
  ]);
});
