// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Directed } from "../src/wx/directions";
import { listenToDirections } from "../src/wx/directions";
import { createFacts } from "../src/wx/facts";
import { openPhone } from "./wx_phone";

const TARGET = "wechat-simulator-phone";

function listen() {
  const names = ["setOffline", "repeatCode", "setPhoneAnswer", "restart", "setBackground"];
  const directed = Object.fromEntries(
    [...names, "showSms", "setDark", "clearStorage"].map((name) => [name, vi.fn()]),
  );
  listenToDirections(window, directed as unknown as Directed);
  const post = (data: unknown, from: Partial<MessageEventInit> = {}) =>
    window.dispatchEvent(
      new MessageEvent("message", {
        data,
        origin: location.origin,
        source: window.parent,
        ...from,
      }),
    );
  return { directed, post };
}

describe("directions", () => {
  test.each([
    [{ do: "offline", on: true }, "setOffline", [true]],
    [{ do: "repeatCode" }, "repeatCode", []],
    [{ do: "phoneAnswer", answer: "no_quota" }, "setPhoneAnswer", ["no_quota"]],
    [{ do: "restart" }, "restart", []],
    [{ do: "background", on: false }, "setBackground", [false]],
    [{ do: "sms", text: "验证码 123456" }, "showSms", ["验证码 123456"]],
    [{ do: "dark", on: true }, "setDark", [true]],
    [{ do: "clearStorage" }, "clearStorage", []],
  ])("%j", (direction, name, values) => {
    const { directed, post } = listen();
    post({ target: TARGET, ...direction });
    expect(directed[name]?.mock.calls).toEqual([values]);
  });

  test.each([
    ["another origin", { origin: "https://evil.example" }],
    ["another window", { source: null }],
  ])("from %s are not heard", (_, from) => {
    const { directed, post } = listen();
    post({ target: TARGET, do: "clearStorage" }, from);
    expect(directed.clearStorage).not.toHaveBeenCalled();
  });

  test.each([
    null,
    "clearStorage",
    { do: "clearStorage" },
    { target: TARGET, do: "__proto__" },
    { target: TARGET, do: "phoneAnswer", answer: "banned" },
  ])("that are none do nothing: %j", (data) => {
    const { directed, post } = listen();
    post(data);
    for (const direction of Object.values(directed)) expect(direction).not.toHaveBeenCalled();
  });
});

describe("facts", () => {
  beforeEach(() => vi.restoreAllMocks());

  test("go to the page around the phone, named by its origin, and the last 500 are kept", () => {
    const parent = { postMessage: vi.fn() };
    const framed = { parent, location } as unknown as Window;
    const tell = createFacts(framed, "phone-2");
    for (let n = 0; n < 501; n += 1) tell({ kind: "page", path: String(n) });
    expect(parent.postMessage).toHaveBeenLastCalledWith(
      expect.objectContaining({ source: TARGET, phone: "phone-2", kind: "page", path: "500" }),
      location.origin,
    );
    expect(framed.phoneFacts?.length).toBe(500);
    expect(framed.phoneFacts?.[0]).toMatchObject({ path: "1" });
  });
});

describe("an arriving message", () => {
  const tapped = (phone: ReturnType<typeof openPhone>) => {
    const [message] = phone.shell.notify.mock.lastCall ?? [];
    message.onTap();
  };

  test("is tapped: its code goes into the field one is in", () => {
    const phone = openPhone();
    const field = document.createElement("input");
    const heard = vi.fn();
    field.addEventListener("input", heard);
    document.body.append(field);
    field.focus();
    phone.directed.showSms("【示例】验证码 483920，5 分钟内有效。");
    tapped(phone);
    expect(field.value).toBe("483920");
    expect(heard).toHaveBeenCalledOnce();
    field.remove();
  });

  const field = (id: string, attributes: string) =>
    `<wx-input><input id="${id}" ${attributes}></wx-input>`;
  const valueOf = (id: string) => document.querySelector<HTMLInputElement>(`#${id}`)?.value;

  afterEach(() => {
    document.body.replaceChildren();
    vi.unstubAllGlobals();
  });

  test("is tapped while a button has the focus: its code goes into the empty field made for it", () => {
    const phone = openPhone();
    document.body.innerHTML = `
      <div hidden>${field("behind", 'inputmode="numeric" maxlength="6"')}</div>
      ${field("name", 'inputmode="text" maxlength="6"')}
      ${field("phone", 'inputmode="numeric" maxlength="11"')}
      ${field("short", 'inputmode="numeric" maxlength="4"')}
      ${field("full", 'inputmode="numeric" maxlength="6" value="1"')}
      ${field("off", 'inputmode="numeric" maxlength="6" disabled')}
      ${field("code", 'inputmode="numeric" maxlength="6"')}
      ${field("second", 'inputmode="numeric" maxlength="6"')}
      <input id="agreed" type="checkbox">`;
    document.querySelector<HTMLElement>("#agreed")?.focus();
    const heard = vi.fn();
    document.querySelector("#code")?.addEventListener("input", heard);
    phone.directed.showSms("验证码 483920");
    tapped(phone);
    expect(valueOf("code")).toBe("483920");
    expect(heard).toHaveBeenCalledOnce();
    const others = ["behind", "name", "phone", "short", "full", "off", "second"];
    expect(others.map(valueOf)).toEqual(["", "", "", "", "1", "", ""]);
    expect(phone.shell.showToast).not.toHaveBeenCalled();
  });

  test("goes into a longer field where none has its length, but not into that of the phone's number", () => {
    const phone = openPhone();
    document.body.innerHTML =
      field("phone", 'inputmode="numeric" maxlength="11"') +
      field("code", 'inputmode="numeric" maxlength="140"');
    phone.directed.showSms("验证码 4839");
    tapped(phone);
    expect(["phone", "code"].map(valueOf)).toEqual(["", "4839"]);
  });

  test.each([
    ["allows", () => Promise.resolve()],
    ["refuses", () => Promise.reject(new Error("not allowed"))],
  ])(
    "is tapped with no field: its code can be pasted, and the browser %s it too",
    async (_, write) => {
      const phone = openPhone();
      const writeText = vi.fn(write);
      vi.stubGlobal("navigator", { clipboard: { writeText } });
      phone.platform.agreePrivacy("b");
      phone.directed.showSms("验证码 483920");
      tapped(phone);
      expect(writeText).toHaveBeenCalledWith("483920");
      expect((await phone.call("getClipboardData")).data).toBe("483920");
    },
  );

  test("is tapped with no field in a browser without a clipboard: its code can be pasted", async () => {
    const phone = openPhone();
    phone.platform.agreePrivacy("b");
    phone.directed.showSms("验证码 483920");
    tapped(phone);
    expect((await phone.call("getClipboardData")).data).toBe("483920");
  });
});

test("the capsule's circle leaves the mini program, and the way back returns to it", () => {
  const phone = openPhone();
  const shown = vi.fn();
  const hidden = vi.fn();
  phone.wx.onAppShow?.(shown);
  phone.wx.onAppHide?.(hidden);
  phone.shell.onLeave.mock.lastCall?.[0]();
  expect(hidden).toHaveBeenCalledOnce();
  expect(phone.shell.setAway).toHaveBeenLastCalledWith(true);
  phone.shell.onReturn.mock.lastCall?.[0]();
  expect(shown).toHaveBeenCalledOnce();
  expect(phone.shell.setAway).toHaveBeenLastCalledWith(false);
  phone.wx.offAppHide?.();
  phone.directed.setBackground(true);
  expect(hidden).toHaveBeenCalledOnce();
});

test("restartMiniProgram starts anew at its page, once", async () => {
  const restart = vi.fn();
  const path = "/pages/strategy/strategy?a=1";
  await openPhone(undefined, { restart }).call("restartMiniProgram", { path });
  expect(restart).toHaveBeenCalledOnce();
  const next = openPhone();
  expect(next.takeStartPath()).toBe(path);
  expect(next.takeStartPath()).toBeUndefined();
});

test("the menu restarts the mini program, and one entry deletes its data before", async () => {
  const restart = vi.fn();
  const phone = openPhone(undefined, { restart });
  phone.wx.setStorageSync?.("k", 1);
  for (const [entry, kept] of [
    [0, 1],
    [1, ""],
  ]) {
    phone.shell.showActionSheet.mockResolvedValueOnce(entry);
    phone.shell.onMenu.mock.lastCall?.[0]();
    await vi.waitFor(() => expect(restart).toHaveBeenCalledOnce());
    expect(phone.wx.getStorageSync?.("k")).toBe(kept);
    restart.mockClear();
  }
});
