import { afterEach, describe, expect, test } from "vitest";
import { type ComponentPage, openTemplate, press } from "./components_phone";

let phone: ComponentPage;
afterEach(() => phone.close());

const native = (selector: string): HTMLInputElement =>
  phone.element(selector).querySelector("input, textarea") as HTMLInputElement;

describe("an input", () => {
  test("tells what is typed, and gives model:value its text", async () => {
    phone = await openTemplate(
      `<input id="i" model:value="{{name}}" bindinput="note" bindfocus="note" bindblur="note" /><view id="v">{{name}}</view>`,
      { methods: 'data: { name: "" }' },
    );
    await phone.type("#i", "ann");
    expect(phone.noted().map(({ type }) => type)).toEqual(["focus", "input", "blur"]);
    expect(phone.text("#v")).toBe("ann");
  });

  test("takes for its text what bindinput returns", async () => {
    phone = await openTemplate(
      `<input id="i" bindinput="upper" /><input id="o" bindinput="object" />`,
      {
        methods: `upper(e) { return e.detail.value.toUpperCase(); },
        object(e) { return { value: e.detail.value.slice(0, 1), cursor: 1 }; }`,
      },
    );
    await phone.type("#i", "ab");
    await phone.type("#o", "ab");
    expect([native("#i").value, native("#o").value]).toEqual(["AB", "a"]);
  });

  test("is no longer than maxlength, whoever wrote; -1 is no limit", async () => {
    phone = await openTemplate(
      `<input id="i" maxlength="3" value="abcdef" bindinput="note" /><input id="long" maxlength="-1" />`,
    );
    expect(native("#i").value).toBe("abc");
    expect([native("#i").maxLength, native("#long").maxLength]).toEqual([3, -1]);
    await phone.type("#i", "12345");
    expect(phone.noted()).toMatchObject([{ detail: { value: "123" } }]);
    await phone.type("#long", "x".repeat(200));
    expect(native("#long").value).toHaveLength(200);
  });

  test("of an arriving code gets it by a tap on the message, and the page hears of it", async () => {
    phone = await openTemplate(
      `<input id="phone" type="number" maxlength="11" /><input id="code" type="number" maxlength="6" bindinput="note" />`,
    );
    window.dispatchEvent(
      new MessageEvent("message", {
        data: { target: "wechat-simulator-phone", do: "sms", text: "验证码 483920" },
        origin: location.origin,
        source: window.parent,
      }),
    );
    await phone.tap(".phone-banner");
    expect(phone.noted()).toMatchObject([{ id: "code", detail: { value: "483920" } }]);
    expect(native("#phone").value).toBe("");
  });

  test("follows the page after something else was typed", async () => {
    phone = await openTemplate(`<input id="i" value="{{code}}" />`, {
      methods: 'data: { code: "" }',
    });
    await phone.type("#i", "12a");
    phone.page().setData({ code: "12" });
    await phone.settle();
    expect(native("#i").value).toBe("12");
  });

  test("confirms with Enter and is left, but not while a word is being composed", async () => {
    phone = await openTemplate(
      `<input id="i" value="x" bindconfirm="note" /><input id="h" confirm-hold bindconfirm="note" />`,
    );
    native("#i").focus();
    native("#i").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true }));
    expect(phone.noted()).toEqual([]);
    press(native("#i"), "Enter");
    expect(phone.noted()).toMatchObject([{ type: "confirm", detail: { value: "x" } }]);
    expect(document.activeElement).not.toBe(native("#i"));
    native("#h").focus();
    press(native("#h"), "Enter");
    expect(document.activeElement).toBe(native("#h"));
  });

  test("hides what is typed where it is a password, and takes the focus when told", async () => {
    phone = await openTemplate(
      `<input id="p" password /><input id="s" type="safe-password" /><input id="n" type="number" focus="{{there}}" />`,
      { methods: "data: { there: false }" },
    );
    expect([native("#p").type, native("#s").type, native("#n").type]).toEqual([
      "password",
      "password",
      "text",
    ]);
    expect(native("#n").inputMode).toBe("numeric");
    phone.page().setData({ there: true });
    await phone.settle();
    expect(document.activeElement).toBe(native("#n"));
  });

  test("shows the placeholder with the page's class until there is text, and is named by its label", async () => {
    phone = await openTemplate(
      `<input id="i" placeholder="your name" placeholder-class="grey" placeholder-style="font-size: 20rpx" aria-label="name" />`,
    );
    const shown = phone.element("wx-placeholder");
    expect(shown.textContent).toBe("your name");
    expect(shown.className).toBe("grey");
    expect(shown.style.fontSize).toContain("vw");
    expect(native("#i").getAttribute("aria-label")).toBe("name");
    expect(phone.element("#i").hasAttribute("aria-label")).toBe(false);
    await phone.type("#i", "a");
    expect(shown.hidden).toBe(true);
  });

  test("within a component has that component's class on its placeholder", async () => {
    phone = await openTemplate("<field />", {
      using: {
        field: {
          wxml: '<input placeholder="x" placeholder-class="grey" />',
          wxss: ".grey { color: grey }",
        },
      },
    });
    expect(phone.element("wx-placeholder").className).toMatch(/^\w+--grey$/);
  });
});

describe("a nickname input", () => {
  const NICKNAME = `<input id="i" type="nickname" bindinput="note" bindnicknamereview="note" bindkeyboardheightchange="note" />`;
  const person = async (): Promise<Response> =>
    new Response(JSON.stringify({ name: "安", nickname: "安" }), {
      headers: { "content-type": "application/json" },
    });

  test("offers the nickname once the person agreed, and writes it like typed text", async () => {
    phone = await openTemplate(NICKNAME, { fetch: person });
    phone.phone.platform.agreePrivacy("");
    native("#i").focus();
    await phone.settle();
    const offer = document.querySelector<HTMLElement>(".built-in-nickname button");
    expect(offer?.textContent).toContain("用微信昵称");
    offer?.click();
    await phone.settle();
    const name = phone.phone.platform.nickname();
    expect(native("#i").value).toBe(name);
    expect(phone.noted()).toMatchObject([
      { type: "keyboardheightchange", detail: { height: 48 } },
      { type: "input", detail: { value: name } },
      { type: "keyboardheightchange", detail: { height: 0 } },
      { type: "nicknamereview", detail: { pass: true, timeout: false } },
    ]);
    expect(document.querySelector(".built-in-nickname")).toBeNull();
  });

  test("is a plain field for whoever refused", async () => {
    phone = await openTemplate(NICKNAME, { fetch: person });
    phone.phone.platform.mayFillNickname = async () => false;
    native("#i").focus();
    await phone.settle();
    expect(document.querySelector(".built-in-nickname")).toBeNull();
    await phone.type("#i", "x");
    expect(phone.noted().map(({ type }) => type)).toEqual(["input"]);
  });
});

test("a textarea makes lines with Enter, and confirms only where the page asked for it", async () => {
  phone = await openTemplate(
    `<textarea id="a" bindconfirm="note" bindinput="note" /><textarea id="b" confirm-type="send" bindconfirm="note" />`,
  );
  press(native("#a"), "Enter");
  expect(phone.noted()).toEqual([]);
  press(native("#b"), "Enter");
  expect(phone.noted()).toMatchObject([{ type: "confirm", id: "b" }]);
  await phone.type("#a", "one\ntwo");
  expect(phone.noted()).toMatchObject([{ detail: { value: "one\ntwo" } }]);
});

describe("a form", () => {
  const FORM = `
    <form bindsubmit="note" bindreset="note">
      <input id="name" name="name" value="ann" /><input id="nameless" value="secret" />
      <textarea name="area" value="text" />
      <checkbox-group name="boxes"><checkbox id="b" value="b" /><checkbox value="c" checked /></checkbox-group>
      <radio-group name="radios"><radio value="r" checked /></radio-group>
      <switch name="on" checked /><slider name="level" value="7" />
      <picker name="fruit" range="{{['apple', 'pear']}}" value="1">pick</picker>
      <view><button id="go" form-type="submit">go</button></view>
      <button id="no" form-type="submit" disabled>no</button>
      <button id="clear" form-type="reset">clear</button>
    </form>`;

  test("submits the values of all fields that have a name", async () => {
    phone = await openTemplate(FORM);
    await phone.tap("#b");
    await phone.type("#name", "bob");
    await phone.tap("#go");
    expect(phone.noted()).toMatchObject([
      {
        type: "submit",
        detail: {
          value: {
            name: "bob",
            area: "text",
            boxes: ["b", "c"],
            radios: "r",
            on: true,
            level: 7,
            fruit: "1",
          },
        },
      },
    ]);
  });

  test("is emptied by its reset button, and not submitted by a disabled one", async () => {
    phone = await openTemplate(FORM);
    await phone.tap("#no");
    expect(phone.noted()).toEqual([]);
    await phone.tap("#clear");
    await phone.tap("#go");
    const [reset, submit] = phone.noted();
    expect(reset?.type).toBe("reset");
    expect(submit?.detail.value).toEqual({
      name: "",
      area: "",
      boxes: [],
      radios: "",
      on: false,
      level: 0,
      fruit: 0,
    });
  });
});
