// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import type { OpenedPhone } from "../../simulator/phone/tests/open_phone";
import { FakeServer } from "./fake_server";
import { answerPhoneSheet, loginByWeChat, openAgain, openPages } from "./opening";

const required = (methods: string[]) => ({
  status: 403,
  code: "registration_required",
  registration_ticket: "ticket-1",
  ticket_expires_in: 600,
  methods,
});

describe("registration by phone", () => {
  test("opens where a login asks for it, and its ticket goes along", async () => {
    const server = new FakeServer();
    server.refusals.set("/v1/login", required(["mobile", "enterprise"]));
    const { phone } = await openPages("pages/login/login", server);
    await loginByWeChat(phone);
    expect(phone.path).toBe("pages/register/mobile");
    await phone.type("[aria-label='手机号']", "13800006666");
    await phone.type("[aria-label='短信验证码']", "123456");
    await phone.type("[aria-label='昵称']", " 小红 ");
    await phone.tap("button.is-main");
    const [call] = server.calls("/v1/register/mobile");
    expect(call?.body).toMatchObject({
      registration_ticket: "ticket-1",
      nickname: "小红",
      phone: "13800006666",
      verification_code: "123456",
    });
    expect(call?.body).not.toHaveProperty("password");
    expect(phone.path).toBe("pages/home/home");
    expect(phone.text()).toContain("小明");
  });

  test("asks for no phone where WeChat's button proved it", async () => {
    const server = new FakeServer();
    server.refusals.set("/v1/login/phone", required(["mobile"]));
    const { phone } = await openPages("pages/login/login", server);
    await phone.tap("text=手机号一键登录");
    await phone.tap("text=同意并继续");
    await answerPhoneSheet(phone, "yes");
    expect(phone.path).toBe("pages/register/mobile");
    expect(phone.text()).toContain("手机号已由微信验证");
    expect(phone.has("[aria-label='手机号']")).toBe(false);
    await phone.tap("button.is-main");
    const [call] = server.calls("/v1/register/mobile");
    expect(call?.body).toMatchObject({ registration_ticket: "ticket-1" });
    expect(call?.body).not.toHaveProperty("phone");
    expect(phone.path).toBe("pages/home/home");
  });

  test("a guest at home is told of it, and nothing opens over his head", async () => {
    const server = new FakeServer();
    const { phone } = await openPages("pages/login/login", server);
    await loginByWeChat(phone);
    localStorage.clear();
    localStorage.setItem("phone:wx0123456789abcdef:ann:phone-1:agreements", agreed());
    server.refusals.set("/v1/login", required(["mobile"]));
    const again = await openAgain(server);
    expect(again.path).toBe("pages/home/home");
    expect(again.text()).toContain("还没有账号");
    await again.tap("text=查看");
    expect(again.path).toBe("pages/register/mobile");
  });
});

describe("registration of an enterprise", () => {
  const fill = async (phone: OpenedPhone, creditCode: string) => {
    await phone.type("[aria-label='企业名称']", "示例科技有限公司");
    await phone.type("[aria-label='统一社会信用代码']", creditCode);
    await phone.type("[aria-label='联系人姓名']", "王小明");
    await phone.type("[aria-label='手机号']", "13800006666");
    await phone.type("[aria-label='短信验证码']", "123456");
    await phone.type("[aria-label='用户名']", "shili");
    await phone.type("[aria-label='密码']", "correct horse");
    await phone.type("[aria-label='再次输入密码']", "correct horse");
    await phone.tap("button.is-main");
  };

  test("is the one that opens where no other way is offered", async () => {
    const server = new FakeServer();
    server.refusals.set("/v1/login", required(["enterprise"]));
    const { phone } = await openPages("pages/login/login", server);
    await loginByWeChat(phone);
    expect(phone.path).toBe("pages/register/enterprise");
  });

  test("tells a mistyped credit code while it is typed, and sends nothing", async () => {
    const { phone, server } = await openPages("pages/register/enterprise");
    await phone.tap("text=我已阅读并同意");
    await phone.type("[aria-label='统一社会信用代码']", "91350100M000100Y44");
    expect(phone.text()).toContain("校验不通过");
    await fill(phone, "91350100M000100Y44");
    expect(server.calls("/v1/register/enterprise")).toEqual([]);
  });

  test("is followed from pending over rejected to approved, over a restart too", async () => {
    const { phone, server } = await openPages("pages/register/enterprise");
    await phone.tap("text=我已阅读并同意");
    await fill(phone, "91350100m000100y43");
    expect(server.calls("/v1/register/enterprise")[0]?.body).toMatchObject({
      credit_code: "91350100M000100Y43",
      company_name: "示例科技有限公司",
      contact_name: "王小明",
    });
    expect(phone.path).toBe("pages/register/status");
    expect(phone.text()).toContain("审核中");

    server.application = { status: "rejected", reason: "执照看不清" };
    await phone.tap("text=刷新");
    expect(phone.text()).toContain("执照看不清");

    server.application = { status: "approved" };
    const again = await openAgain(server, "pages/register/status");
    expect(again.text()).toContain("审核已通过");
    await again.tap("text=去登录");
    expect(again.path).toBe("pages/login/login");
  });

  test("who has applied for nothing is told so", async () => {
    const { phone } = await openPages("pages/register/status");
    expect(phone.text()).toContain("没有申请");
  });
});

function agreed(): string {
  return JSON.stringify({ type: "value", value: "terms@2026-11 privacy@2026-11" });
}
