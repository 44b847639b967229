import { afterEach, describe, expect, test, vi } from "vitest";
import { type ComponentPage, openTemplate } from "./components_phone";

let phone: ComponentPage;
afterEach(() => phone.close());

const button = (attributes: string): string =>
  `<button id="b" ${attributes} bindtap="note" bindgetphonenumber="note" bindgetrealtimephonenumber="note"
    bindchooseavatar="note" bindgetuserinfo="note" bindopensetting="note" bindagreeprivacyauthorization="note"
    binderror="note">go</button>`;

const types = (): string[] => phone.noted().map(({ type }) => type);

describe("a button", () => {
  test("does nothing when it is disabled, and cannot be reached by the keyboard", async () => {
    phone = await openTemplate(button('disabled open-type="getPhoneNumber"'));
    const asked = vi.spyOn(phone.phone.platform, "getPhoneNumber");
    await phone.tap("#b");
    expect(asked).not.toHaveBeenCalled();
    expect(phone.element("#b").tabIndex).toBe(-1);
  });

  test("gives the page what the phone number sheet answered", async () => {
    phone = await openTemplate(
      button('open-type="getPhoneNumber" phone-number-no-quota-toast="{{false}}"'),
    );
    const detail = { errMsg: "getPhoneNumber:ok", code: "c" };
    const asked = vi.spyOn(phone.phone.platform, "getPhoneNumber").mockResolvedValue(detail);
    await phone.tap("#b");
    expect(asked).toHaveBeenCalledWith({ realtime: false, noQuotaToast: false });
    expect(phone.noted()).toMatchObject([{ type: "tap" }, { type: "getphonenumber", detail }]);
  });

  test("asks in real time where the page says so", async () => {
    phone = await openTemplate(button('open-type="getRealtimePhoneNumber"'));
    const asked = vi
      .spyOn(phone.phone.platform, "getPhoneNumber")
      .mockResolvedValue({ errMsg: "getPhoneNumber:ok", code: "c" });
    await phone.tap("#b");
    expect(asked).toHaveBeenCalledWith({ realtime: true, noQuotaToast: true });
    expect(types()).toEqual(["tap", "getrealtimephonenumber"]);
  });

  test("opens one sheet for two taps, and another one later", async () => {
    phone = await openTemplate(button('open-type="getPhoneNumber"'));
    let answer: (detail: { errMsg: string }) => void = () => {};
    const asked = vi
      .spyOn(phone.phone.platform, "getPhoneNumber")
      .mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    await phone.tap("#b");
    await phone.tap("#b");
    expect(asked).toHaveBeenCalledTimes(1);
    answer({ errMsg: "getPhoneNumber:fail user deny" });
    await phone.settle();
    await phone.tap("#b");
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test("tells nothing when the avatar sheet was closed", async () => {
    phone = await openTemplate(button('open-type="chooseAvatar"'));
    const asked = vi.spyOn(phone.phone.platform, "chooseAvatar").mockResolvedValue(null);
    await phone.tap("#b");
    expect(types()).toEqual(["tap"]);
    asked.mockResolvedValue({ avatarUrl: "http://tmp/a.png" });
    await phone.tap("#b");
    expect(phone.noted()).toMatchObject([
      { type: "tap" },
      { type: "chooseavatar", detail: { avatarUrl: "http://tmp/a.png" } },
    ]);
  });

  test("takes consent before anything that needs it, in whichever order they are written", async () => {
    phone = await openTemplate(button('open-type="getPhoneNumber|agreePrivacyAuthorization"'));
    const order: string[] = [];
    const { platform } = phone.phone;
    vi.spyOn(platform, "agreePrivacy").mockImplementation((id) => void order.push(`agree ${id}`));
    vi.spyOn(platform, "getPhoneNumber").mockImplementation(async () => {
      order.push("phone");
      return { errMsg: "getPhoneNumber:ok" };
    });
    await phone.tap("#b");
    expect(order).toEqual(["agree b", "phone"]);
    expect(types()).toContain("agreeprivacyauthorization");
  });

  test("has agreed by the time the page hears of the tap", async () => {
    phone = await openTemplate(
      `<button id="b" open-type="agreePrivacyAuthorization" bindtap="look">ok</button><view id="v">{{needs}}</view>`,
      {
        methods: `look() { wx.getPrivacySetting({ success: ({ needAuthorization }) => this.setData({ needs: String(needAuthorization) }) }); }`,
      },
    );
    await phone.tap("#b");
    expect(phone.text("#v")).toBe("false");
  });

  test("gives user info and settings, and asks the page what it shares", async () => {
    phone = await openTemplate(
      `<button id="u" open-type="getUserInfo" lang="zh_CN" bindgetuserinfo="note" />
       <button id="s" open-type="openSetting" bindopensetting="note" />
       <button id="sh" open-type="share" data-x="1" />`,
      {
        methods:
          "onShareAppMessage({ from, target }) { return { title: from + target.dataset.x }; }",
      },
    );
    const { platform } = phone.phone;
    const userInfo = vi.spyOn(platform, "getUserInfo").mockResolvedValue({ userInfo: {} });
    vi.spyOn(platform, "openSetting").mockResolvedValue({ authSetting: {} });
    const share = vi.spyOn(platform, "share").mockImplementation(() => {});
    await phone.tap("#u");
    await phone.tap("#s");
    await phone.tap("#sh");
    expect(userInfo).toHaveBeenCalledWith({ lang: "zh_CN", withCredentials: true });
    expect(phone.noted()).toMatchObject([
      { type: "getuserinfo", detail: { userInfo: {} } },
      { type: "opensetting", detail: { authSetting: {} } },
    ]);
    expect(share).toHaveBeenCalledWith({ path: "pages/a", title: "button1" });
  });

  test("says so where this phone does not have an open-type", async () => {
    phone = await openTemplate(button('open-type="openGroupProfile"'));
    await phone.tap("#b");
    expect(phone.screen()).toContain('模拟手机没有 open-type="openGroupProfile"');
  });
});

describe("a navigator", () => {
  test("leads to another page, and back", async () => {
    phone = await openTemplate(
      `<navigator id="n" url="/pages/b?x=1" bindsuccess="note" bindcomplete="note">b</navigator>`,
    );
    await phone.tap("#n");
    expect(phone.path).toBe("pages/b");
    expect(types()).toEqual(["success", "complete"]);
  });

  test("tells why it failed", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    phone = await openTemplate(
      `<navigator id="n" url="/pages/none" open-type="redirect" bindfail="note">none</navigator>`,
    );
    await phone.tap("#n");
    expect(phone.noted()).toMatchObject([
      {
        type: "fail",
        detail: { errMsg: expect.stringMatching(/^redirectTo:fail .*none.* is not found/) },
      },
    ]);
  });
});

test("what a page made a button by aria-role is reached by the keyboard", async () => {
  phone = await openTemplate(
    `<view id="v" aria-role="button" bindtap="note">x</view><view id="plain">y</view>`,
  );
  const view = phone.element("#v");
  expect(view.tabIndex).toBe(0);
  expect(phone.element("#plain").tabIndex).toBe(-1);
  view.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  expect(types()).toEqual(["tap"]);
});
