// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { FakeServer } from "./fake_server";
import { answerModal, answerPhoneSheet, openSignedIn } from "./opening";

describe("profile", () => {
  test("the nickname is sent by the form, and only where it may be one", async () => {
    const { phone, server } = await openSignedIn("pages/profile/index");
    expect(phone.has("button.save")).toBe(false);
    await phone.type("[aria-label='昵称']", "   ");
    await phone.tap("text=保存");
    expect(phone.text()).toContain("请输入昵称");
    expect(server.calls("/v1/me/profile")).toEqual([]);
    await phone.type("[aria-label='昵称']", "小红");
    await phone.tap("text=保存");
    expect(server.calls("/v1/me/profile")[0]?.body).toEqual({ nickname: "小红" });
    expect(phone.has("button.save")).toBe(false);
  });

  test("the code for the support is shown when asked for, not before", async () => {
    const { phone, server } = await openSignedIn("pages/profile/index");
    expect(server.calls("/v1/me/support-code")).toEqual([]);
    await phone.tap("text=客服核验码");
    expect(phone.text()).toContain("01234567");
    expect(phone.text()).toContain("10 分");
  });
});

describe("phone number", () => {
  test("the first one by a tap needs nothing more", async () => {
    const { phone, server } = await openSignedIn("pages/profile/phone");
    await phone.tap("text=用微信手机号一键绑定");
    await answerPhoneSheet(phone, "yes");
    expect(server.calls("/v1/me/phone")[0]?.body).toMatchObject({ code: "phone-code" });
    expect(phone.path).toBe("pages/home/home");
    expect(phone.text()).toContain("138****6666");
  });

  test("one that is taken is told, and nothing moves", async () => {
    const { phone, server } = await openSignedIn("pages/profile/phone");
    server.refusals.set("/v1/me/phone", {
      status: 409,
      code: "phone_taken",
      title: "手机号已被使用",
    });
    await phone.tap("text=用微信手机号一键绑定");
    await answerPhoneSheet(phone, "yes");
    expect(phone.text()).toContain("手机号已被使用");
    expect(phone.path).toBe("pages/profile/phone");
  });

  test("by SMS, the second way", async () => {
    const { phone, server } = await openSignedIn("pages/profile/phone");
    await phone.tap("text=用短信验证其他号码");
    await phone.type("[aria-label='新的手机号']", "13900001111");
    await phone.tap("text=获取验证码");
    await phone.type("[aria-label='短信验证码']", "123456");
    await phone.tap("button.is-main");
    expect(server.calls("/v1/verification-codes")[0]?.body).toMatchObject({ purpose: "link" });
    expect(server.calls("/v1/me/phone")[0]?.body).toMatchObject({
      phone: "13900001111",
      verification_code: "123456",
    });
  });
});

describe("a sensitive act is proved", () => {
  test("by WeChat without a word, where WeChat knows the account", async () => {
    const { phone, server } = await openSignedIn("pages/profile/password");
    expect(phone.text()).not.toContain("请先验证是你本人");
    await phone.type("[aria-label='新密码']", "correct horse");
    await phone.type("[aria-label='再次输入新密码']", "correct horse");
    await phone.tap("text=保存");
    expect(server.calls("/v1/me/password")[0]?.body).toMatchObject({
      new_password: "correct horse",
      proof_code: expect.stringContaining("code-"),
    });
  });

  test("by the password where it does not, and nothing is sent without", async () => {
    const server = new FakeServer();
    server.linked = false;
    const { phone } = await openSignedIn("pages/profile/export", server);
    expect(phone.text()).toContain("请先验证是你本人");
    await phone.tap("button.is-main");
    expect(phone.text()).toContain("请输入登录密码");
    expect(server.calls("/v1/me/export")).toEqual([]);
    await phone.type("[aria-label='登录密码']", "correct horse");
    await phone.tap("button.is-main");
    expect(server.calls("/v1/me/export")[0]?.body).toEqual({ current_password: "correct horse" });
    expect(phone.text()).toContain("登录记录 2 项");
  });
});

describe("devices", () => {
  test("are listed, this one marked, and end one by one or all but this", async () => {
    const { phone, server } = await openSignedIn("pages/profile/devices");
    expect(phone.text()).toContain("iPhone 17本机");
    await phone.tap("[aria-label='让Mate 90退出登录']");
    await answerModal(phone, "no");
    expect(server.devices).toHaveLength(3);
    await phone.tap("[aria-label='让Mate 90退出登录']");
    await answerModal(phone, "yes");
    expect(server.devices.map(({ session_id }) => session_id)).toEqual(["s1", "s3"]);
    await phone.tap("text=退出其他所有设备");
    await answerModal(phone, "yes");
    expect(phone.text()).not.toContain("iPad");
    expect(phone.text()).not.toContain("退出其他所有设备");
  });
});

describe("closing the account", () => {
  test("is understood first, asked twice, and can be taken back", async () => {
    const { phone, server } = await openSignedIn("pages/profile/close");
    await phone.tap("button.is-danger");
    expect(phone.text()).toContain("请先确认");
    await phone.tap("text=我已了解注销的后果");
    await phone.tap("button.is-danger");
    await answerModal(phone, "yes");
    await answerModal(phone, "no");
    expect(server.calls("/v1/me/erase")).toEqual([]);
    await phone.tap("button.is-danger");
    await answerModal(phone, "yes");
    await answerModal(phone, "yes");
    await phone.settle();
    expect(server.calls("/v1/me/erase")).toHaveLength(1);
    expect(phone.path).toBe("pages/account/restore");
    expect(phone.text()).toMatch(/将于 2026-11-29 \d\d:\d\d 删除/);
    await phone.tap("text=不撤销");
    expect(phone.text()).toContain("撤销注销");
  });
});

describe("WeChat", () => {
  test("is linked to an account that a password opened, by a fresh code", async () => {
    const server = new FakeServer();
    server.linked = false;
    const { phone } = await openSignedIn("pages/profile/wechat", server);
    expect(phone.text()).toContain("还没有绑定微信");
    await phone.type("[aria-label='登录密码']", "correct horse");
    await phone.tap("text=绑定这个微信");
    expect(server.calls("/v1/me/identities")[0]?.body).toMatchObject({
      app_id: "wx0123456789abcdef",
      code: expect.stringContaining("code-"),
      current_password: "correct horse",
    });
    expect(phone.text()).toContain("当前小程序");
  });
});
