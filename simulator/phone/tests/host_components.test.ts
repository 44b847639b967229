import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeMiniProgram } from "./mini_program";
import { type OpenedPhone, openPhone } from "./open_phone";

const PAGE = {
  json: {
    usingComponents: {
      card: "/components/card",
      field: "/components/field",
      logger: "/components/logger",
    },
  },
  wxml: `
    <import src="/parts/row" />
    <include src="/parts/foot" />
    <template is="row" data="{{ label: 'templated' }}" />
    <view wx:for="{{items}}" wx:key="id" class="item" data-id="{{item.id}}">{{index}}:{{item.name}}</view>
    <view wx:if="{{kind === 'a'}}" id="a">is a</view>
    <view wx:elif="{{kind === 'b'}}" id="b">is b</view>
    <view wx:else id="other">is other</view>
    <card id="card" title="{{title}}" class="outside" card-class="mine" bind:close="onClose">
      <view slot="head">head</view>
      <view slot="body">body</view>
    </card>
    <field id="field" name="custom" />
    <logger wx:if="{{logging}}" />
    <view id="closed">{{closed}}</view>
    <view style="width: 75rpx; height: {{tall}}vh" id="styled" />`,
  js: `Page({
    data: { items: [{ id: 1, name: "one" }, { id: 2, name: "two" }], kind: "a", title: "Title", closed: "", tall: 50, logging: true },
    onClose(event) { this.setData({ closed: event.detail.why + " " + event.type }); },
    rename() { this.setData({ "items[1].name": "second", "items[2]": { id: 3, name: "three" } }); },
    closeCard() { this.selectComponent("#card").close("method"); },
    count() { return this.selectAllComponents(".outside").length; },
  })`,
};

let folder: string;
let phone: OpenedPhone;
beforeAll(() => {
  folder = writeMiniProgram(
    {
      "pages/a": PAGE,
      "pages/b": {},
      "components/card": {
        wxml: `<view class="title card-class">{{title}} {{length}}</view><slot name="head" /><slot name="body" />`,
        wxss: ".title { color: red }",
        js: `Component({
          options: { multipleSlots: true },
          externalClasses: ["card-class"],
          properties: { title: String },
          data: { length: 0 },
          observers: { title(title) { this.setData({ length: title.length }); } },
          methods: { close(why) { this.triggerEvent("close", { why }); } },
        })`,
      },
      "components/field": {
        wxml: "<view>{{name}} {{value}} {{note}}</view>",
        js: `Component({ behaviors: ["wx://form-field", Behavior({ data: { note: "noted" } })] })`,
      },
      "components/logger": {
        js: `const log = (text) => getApp().log.push(text);
        Component({
          lifetimes: { created() { log("created"); }, attached() { log("attached"); }, ready() { log("ready"); }, detached() { log("detached"); } },
          pageLifetimes: { show() { log("page show"); }, hide() { log("page hide"); } },
        })`,
      },
      "parts/row": { wxml: `<template name="row"><view id="row">{{label}}</view></template>` },
      "parts/foot": { wxml: `<view id="foot">included {{kind}}</view>` },
    },
    { script: "App({ log: [] })" },
  );
});
beforeEach(async () => {
  phone = await openPhone(folder);
});
afterEach(() => phone.close());

type Page = { setData(data: object): void; rename(): void; closeCard(): void; count(): number };
const page = (): Page => phone.page() as unknown as Page;
const log = (): string[] => (globalThis as unknown as { getApp(): { log: string[] } }).getApp().log;

describe("templates", () => {
  test("import, include, template, wx:for and wx:if give what they say", () => {
    expect(phone.text("#row")).toBe("templated");
    expect(phone.text("#foot")).toBe("included a");
    expect(phone.findAll(".item").map((each) => each.textContent)).toEqual(["0:one", "1:two"]);
    expect(phone.has("#a") && !phone.has("#b") && !phone.has("#other")).toBe(true);
  });

  test("follow setData, also by paths", () => {
    page().setData({ kind: "b" });
    expect(phone.has("#b") && !phone.has("#a")).toBe(true);
    page().rename();
    expect(phone.findAll(".item").map((each) => each.textContent)).toEqual([
      "0:one",
      "1:second",
      "2:three",
    ]);
  });

  test("inline styles know rpx, and reach the element without a style attribute of markup", () => {
    const { style } = phone.find("#styled");
    expect(style.width).toBe("calc(10vw)");
  });
});

describe("components", () => {
  test("have properties, observers, named slots and classes from outside", () => {
    expect(phone.text("#card")).toBe("Title 5 head body");
    const title = phone.find("#card").firstElementChild;
    expect(title?.className).toMatch(/^\w+--title mine$/);
  });

  test("are found by the page, and tell it by events", () => {
    page().closeCard();
    expect(phone.text("#closed")).toBe("method close");
    expect(page().count()).toBe(1);
  });

  test("take WeChat's behaviors by name, and others by value", () => {
    expect(phone.text("#field")).toBe("custom noted");
  });

  test("live and hear of their page", async () => {
    expect(log()).toEqual(["created", "attached", "page show", "ready"]);
    await phone.phone.host.navigateTo("/pages/b");
    await phone.back();
    page().setData({ logging: false });
    expect(log().slice(4)).toEqual(["page hide", "page show", "detached"]);
  });
});

test("a page that was left may still set its data: nothing breaks", async () => {
  await phone.phone.host.navigateTo("/pages/b");
  const left = phone.page();
  await phone.back();
  left.setData({ late: true });
  expect(phone.errors).toEqual([]);
  expect(left.data.late).toBe(true);
});

describe("createSelectorQuery", () => {
  type Query = {
    select(selector: string): Query;
    selectAll(selector: string): Query;
    selectViewport(): Query;
    boundingClientRect(callback?: (found: unknown) => void): Query;
    scrollOffset(): Query;
    fields(fields: object): Query;
    exec(callback: (found: unknown[]) => void): void;
  };

  test("answers one, all and none, in the order asked", async () => {
    const query = phone.phone.host.createSelectorQuery() as unknown as Query;
    const each: unknown[] = [];
    query.select("#a").boundingClientRect((found) => each.push(found));
    query.selectAll(".item").fields({ dataset: true, properties: ["hidden"] });
    query.select("#nothing").boundingClientRect();
    query.selectViewport().scrollOffset();
    const all = await new Promise<unknown[]>((resolve) => query.exec(resolve));
    expect(all).toEqual([
      expect.objectContaining({ id: "a", left: 0, width: 0 }),
      [
        { dataset: { id: 1 }, hidden: false },
        { dataset: { id: 2 }, hidden: false },
      ],
      null,
      expect.objectContaining({ scrollTop: 0 }),
    ]);
    expect(each).toEqual([all[0]]);
  });
});
