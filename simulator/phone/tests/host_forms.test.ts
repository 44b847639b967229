import { afterEach, beforeAll, expect, test } from "vitest";
import { writeMiniProgram } from "./mini_program";
import { type OpenedPhone, openPhone } from "./open_phone";

const PAGE = {
  json: {
    usingComponents: {
      box: "/components/box",
      field: "/components/field",
      group: "/components/group",
      sender: "/components/sender",
      shy: "/components/shy",
    },
  },
  wxml: `
    <form bindsubmit="submitted" bindreset="cleared">
      <input name="plain" value="p" />
      <input value="nameless" />
      <box><input name="slotted" value="s" /></box>
      <field name="custom" />
      <group />
      <shy />
      <button id="submit" form-type="submit">submit</button>
      <button id="reset" form-type="reset">reset</button>
      <sender id="sender" />
    </form>
    <button id="outside" form-type="submit">outside</button>`,
  js: `Page({
    submitted(event) { getApp().log.push(event.detail.value); },
    cleared() { getApp().log.push("reset"); },
  })`,
};
const INNER = '<input name="inner" value="i" />';
const BUTTON = '<button class="send" form-type="submit">send</button>';

let folder: string;
let phone: OpenedPhone;
beforeAll(() => {
  folder = writeMiniProgram(
    {
      "pages/a": PAGE,
      "components/box": { wxml: "<view><slot /></view>" },
      "components/field": {
        js: `Component({ behaviors: ["wx://form-field"], attached() { this.setData({ value: ["c"] }); } })`,
      },
      "components/group": {
        wxml: INNER,
        js: `Component({ behaviors: ["wx://form-field-group"] })`,
      },
      "components/sender": {
        wxml: BUTTON,
        js: `Component({ behaviors: ["wx://form-field-button"] })`,
      },
      "components/shy": {
        wxml: '<input name="hidden" value="h" /><button id="shy" form-type="submit" />',
      },
    },
    { script: "App({ log: [] })" },
  );
});
afterEach(() => phone.close());

const log = (): unknown[] =>
  (globalThis as unknown as { getApp(): { log: unknown[] } }).getApp().log;
const ALL = { plain: "p", slotted: "s", custom: ["c"], inner: "i" };

test("a form sends what its own template names, and what components give it on purpose", async () => {
  phone = await openPhone(folder);
  await phone.tap("#submit");
  await phone.tap(".send");
  expect(log()).toEqual([ALL, ALL]);
});

test("fields and buttons hidden in a component stay out, as do buttons beside the form", async () => {
  phone = await openPhone(folder);
  await phone.tap("#shy");
  await phone.tap("#outside");
  expect(log()).toEqual([]);
});

test("a reset clears them", async () => {
  phone = await openPhone(folder);
  await phone.tap("#reset");
  await phone.tap("#submit");
  expect(log()).toEqual(["reset", { plain: "", slotted: "", custom: "", inner: "" }]);
});
