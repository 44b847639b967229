import { afterEach, describe, expect, test } from "vitest";
import { type ComponentPage, openTemplate, press } from "./components_phone";

let phone: ComponentPage;
afterEach(() => phone.close());

const details = (): unknown[] => phone.noted().map(({ detail }) => detail);

describe("checkbox", () => {
  test("tells its group what is checked, in the order of the page", async () => {
    phone = await openTemplate(`
      <checkbox-group bindchange="note">
        <checkbox id="a" value="a" /><checkbox id="b" value="b" checked />
      </checkbox-group>`);
    await phone.tap("#a");
    await phone.tap("#b");
    expect(details()).toEqual([{ value: ["a", "b"] }, { value: ["a"] }]);
    expect(phone.element("#a").getAttribute("aria-checked")).toBe("true");
    expect(phone.element("#b").getAttribute("aria-checked")).toBe("false");
  });

  test("is worked by the space key, and by none when it is disabled", async () => {
    phone = await openTemplate(`
      <checkbox-group bindchange="note">
        <checkbox id="a" value="a" /><checkbox id="b" value="b" disabled />
      </checkbox-group>`);
    press(phone.element("#a"), " ");
    press(phone.element("#b"), " ");
    await phone.tap("#b");
    expect(details()).toEqual([{ value: ["a"] }]);
    expect(phone.element("#b").tabIndex).toBe(-1);
  });
});

describe("radio", () => {
  const RADIOS = `
    <radio-group bindchange="note">
      <radio id="x" value="x" checked /><radio id="y" value="y" />
    </radio-group>`;

  test("leaves one of its group chosen", async () => {
    phone = await openTemplate(RADIOS);
    await phone.tap("#y");
    expect(details()).toEqual([{ value: "y" }]);
    expect(phone.element("#x").getAttribute("aria-checked")).toBe("false");
  });

  test("says nothing where it was chosen already", async () => {
    phone = await openTemplate(RADIOS);
    await phone.tap("#x");
    expect(details()).toEqual([]);
    expect(phone.element("#x").getAttribute("aria-checked")).toBe("true");
  });
});

test("a switch turns on and off, and gives model:checked its value", async () => {
  phone = await openTemplate(
    `<switch id="s" model:checked="{{on}}" bindchange="note" /><view id="on">{{on}}</view>`,
    { methods: "data: { on: true }" },
  );
  await phone.tap("#s");
  await phone.tap("#s");
  await phone.tap("#s");
  expect(details()).toEqual([{ value: false }, { value: true }, { value: false }]);
  expect(phone.text("#on")).toBe("false");
});

test("a slider tells each move, and where it was let go", async () => {
  phone = await openTemplate(
    `<slider id="s" min="10" max="20" value="12" show-value bindchanging="note" bindchange="note" />`,
  );
  const range = phone.element("#s").querySelector("input") as HTMLInputElement;
  expect([range.min, range.max, range.value]).toEqual(["10", "20", "12"]);
  range.value = "15";
  range.dispatchEvent(new Event("input"));
  range.dispatchEvent(new Event("change"));
  expect(phone.noted()).toMatchObject([
    { type: "changing", detail: { value: 15 } },
    { type: "change", detail: { value: 15 } },
  ]);
  expect(phone.text("#s")).toBe("15");
});

describe("a label", () => {
  test("works the control within it, once for a tap on the text and once for one on the control", async () => {
    phone = await openTemplate(
      `<label><view id="t">text</view><switch id="s" bindchange="note" /></label>`,
    );
    await phone.tap("#t");
    expect(details()).toEqual([{ value: true }]);
    await phone.tap("#s");
    expect(details()).toEqual([{ value: false }]);
  });

  test("leaves alone the first control when the second one was tapped", async () => {
    phone = await openTemplate(
      `<label><switch id="one" bindchange="note" /><switch id="two" bindchange="note" /></label>`,
    );
    await phone.tap("#two");
    expect(phone.noted().map(({ id }) => id)).toEqual(["two"]);
  });

  test("works the one named by `for`, a button too, but none that is disabled", async () => {
    phone = await openTemplate(`
      <label id="l" for="go">press</label><button id="go" bindtap="note">go</button>
      <label id="off" for="no">press</label><button id="no" disabled bindtap="note">no</button>
      <label id="field" for="in">name</label><input id="in" />`);
    await phone.tap("#l");
    expect(phone.noted()).toMatchObject([{ type: "tap", id: "go" }]);
    await phone.tap("#off");
    expect(phone.noted()).toEqual([]);
    await phone.tap("#field");
    expect(document.activeElement).toBe(phone.element("#in").querySelector("input"));
  });
});
