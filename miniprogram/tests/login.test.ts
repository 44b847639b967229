// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { FakeServer } from "./fake_server";
import { answerPhoneSheet, loginByWeChat, openAgain, openPages } from "./opening";

const LOGIN = "pages/login/login";

describe("consent", () => {
  test("comes before any login: refused, nothing is sent", async () => {
    const { phone, server } = await openPages(LOGIN);
    await phone.tap("text=微信一键登录");
    expect(phone.text()).toContain("请阅读并同意");
    await phone.tap("text=不同意");
    expect(phone.path).toBe(LOGIN);
    expect(phone.text()).not.toContain("同意并继续");
    expect(server.calls("/sim/wx/login")).toEqual([]);
    expect(server.seen.filter(({ path }) => path.startsWith("/v1/"))).toEqual([]);
  });

  test("given in the sheet, the login goes on by itself and says which texts were agreed to", async () => {
    const { phone, server } = await openPages(LOGIN);
    await loginByWeChat(phone);
    const [login, ...more] = server.calls("/v1/login");
    expect(more).toEqual([]);
    expect(login?.body.agreements).toEqual([
      { id: "terms", version: "2026-11" },
      { id: "privacy", version: "2026-11" },
    ]);
    expect(phone.path).toBe("pages/home/home");
  });

  test("given once, is not asked for again after a restart", async () => {
    const { phone, server } = await openPages(LOGIN);
    await loginByWeChat(phone);
    const again = await openAgain(server, LOGIN);
    await again.tap("text=微信一键登录");
    expect(server.calls("/v1/login")).toHaveLength(2);
  });

  test("two taps at once are one login", async () => {
    const { phone, server } = await openPages(LOGIN);
    await phone.tap("text=我已阅读并同意");
    await Promise.all([phone.tap("text=微信一键登录"), phone.tap("text=微信一键登录")]);
    expect(server.calls("/v1/login")).toHaveLength(1);
  });
});

describe("where a login leads back to", () => {
  test("the page that sent the person", async () => {
    const { phone } = await openPages(`${LOGIN}?from=/pages/profile/index`);
    await loginByWeChat(phone);
    expect(phone.path).toBe("pages/profile/index");
  });

  test.each(["https://evil.example", "/pages/login/login", "%2Fpages%2Fprofile%2Findex"])(
    "home, where a query names %s",
    async (from) => {
      const { phone } = await openPages(`${LOGIN}?from=${from}`);
      await loginByWeChat(phone);
      expect(phone.path).toBe("pages/home/home");
    },
  );
});

describe("the phone button", () => {
  test("without consent asks for it, and the sheet's yes is the phone button itself", async () => {
    const { phone, server } = await openPages(LOGIN);
    await phone.tap("text=手机号一键登录");
    await phone.tap("text=同意并继续");
    expect(server.calls("/v1/login/phone")).toEqual([]);
    await answerPhoneSheet(phone, "yes");
    expect(server.calls("/v1/login/phone")[0]?.body).toMatchObject({ phone_code: "phone-code" });
    expect(phone.path).toBe("pages/home/home");
  });

  test("refused, says so and leaves the person where he is", async () => {
    const { phone, server } = await openPages(LOGIN);
    await phone.tap("text=我已阅读并同意");
    await phone.tap("text=手机号一键登录");
    await answerPhoneSheet(phone, "no");
    expect(phone.text()).toContain("没有取得手机号");
    expect(phone.path).toBe(LOGIN);
    expect(server.calls("/v1/login/phone")).toEqual([]);
  });
});

describe("what is typed", () => {
  const openTyped = async (way: "账号密码" | "短信验证码") => {
    const opened = await openPages(LOGIN);
    await opened.phone.tap("text=我已阅读并同意");
    await opened.phone.tap("text=其他登录方式");
    await opened.phone.tap(`text=${way}`);
    return opened;
  };

  test("name and password log in, and link this WeChat only where the person asks for it", async () => {
    const { phone, server } = await openTyped("账号密码");
    await phone.type("[aria-label='用户名或手机号']", " xiaoming ");
    await phone.type("[aria-label='密码']", "correct horse");
    await phone.tap("button.is-main");
    const body = server.calls("/v1/login/password")[0]?.body;
    expect(body).toMatchObject({ username: "xiaoming", password: "correct horse" });
    expect(body).not.toHaveProperty("code");
    expect(phone.path).toBe("pages/home/home");
  });

  test("a wrong password is told beside the button", async () => {
    const { phone, server } = await openTyped("账号密码");
    server.refusals.set("/v1/login/password", {
      status: 401,
      code: "credentials_invalid",
      title: "账号或密码错误",
    });
    await phone.type("[aria-label='用户名或手机号']", "xiaoming");
    await phone.type("[aria-label='密码']", "wrong horse");
    await phone.tap("button.is-main");
    expect(phone.text()).toContain("账号或密码错误");
    expect(phone.path).toBe(LOGIN);
    expect(server.calls("/v1/login/password")).toHaveLength(1);
  });

  test("a code by SMS is sent once, counted down, and logs in", async () => {
    const { phone, server } = await openTyped("短信验证码");
    await phone.tap("text=获取验证码");
    expect(phone.text()).toContain("请输入手机号");
    expect(server.calls("/v1/verification-codes")).toEqual([]);
    await phone.type("[aria-label='手机号']", "13800006666");
    await phone.tap("text=获取验证码");
    expect(phone.text()).toContain("60 秒后重发");
    expect(phone.text()).not.toContain("请输入手机号");
    await phone.tap("text=秒后重发");
    expect(server.calls("/v1/verification-codes")).toHaveLength(1);
    await phone.type("[aria-label='短信验证码']", "123456");
    await phone.tap("button.is-main");
    expect(server.calls("/v1/login/sms")[0]?.body).toMatchObject({
      phone: "13800006666",
      verification_code: "123456",
    });
    expect(phone.path).toBe("pages/home/home");
  });

  test("a forgotten password is set anew, typed twice", async () => {
    const { phone, server } = await openTyped("账号密码");
    await phone.tap("text=忘记密码");
    await phone.type("[aria-label='手机号']", "13800006666");
    await phone.type("[aria-label='短信验证码']", "123456");
    await phone.type("[aria-label='新密码']", "correct horse");
    await phone.type("[aria-label='再次输入新密码']", "correct house");
    await phone.tap("text=重设密码");
    await phone.tap("button.is-main");
    expect(phone.text()).toContain("两次输入的密码不一致");
    expect(server.calls("/v1/password/reset")).toEqual([]);
    await phone.type("[aria-label='再次输入新密码']", "correct horse");
    await phone.tap("button.is-main");
    expect(phone.text()).toContain("密码已重设");
    expect(server.calls("/v1/password/reset")[0]?.body).toMatchObject({
      new_password: "correct horse",
    });
  });
});

describe("states that stop a login have a page", () => {
  const refusedBy = async (problem: { status: number; code: string; [fact: string]: unknown }) => {
    const server = new FakeServer();
    server.refusals.set("/v1/login", problem);
    const { phone } = await openPages(LOGIN, server);
    await loginByWeChat(phone);
    return { phone, server };
  };

  test("disabled: until when and why", async () => {
    const { phone } = await refusedBy({
      status: 403,
      code: "account_disabled",
      title: "账号已停用",
      until: new Date(2026, 11, 1, 8, 0).toISOString(),
      reason_for_user: "昵称违规",
    });
    expect(phone.path).toBe("pages/notice/notice");
    for (const fact of ["账号已停用", "2026-12-01 08:00", "昵称违规"])
      expect(phone.text()).toContain(fact);
    await phone.tap("text=返回");
    expect(phone.path).toBe(LOGIN);
  });

  test.each([
    ["registration_closed", "暂不开放注册"],
    ["wechat_blocked", "微信已拦截登录"],
  ])("%s", async (code, title) => {
    const { phone, server } = await refusedBy({ status: 403, code, title });
    expect(phone.path).toBe("pages/notice/notice");
    expect(phone.text()).toContain(title);
    expect(server.calls("/v1/login")).toHaveLength(1);
  });

  test("pending: the state of the application", async () => {
    const { phone } = await refusedBy({
      status: 403,
      code: "account_pending",
      title: "账号审核中",
    });
    expect(phone.path).toBe("pages/register/status");
    expect(phone.text()).toContain("账号审核中");
    // The event and the refused call both lead there: once.
    expect(phone.phone.host.getCurrentPages()).toHaveLength(2);
  });

  test("rejected: why, and the way to apply again", async () => {
    const { phone } = await refusedBy({
      status: 403,
      code: "account_rejected",
      title: "申请未通过",
      reason: "执照看不清",
    });
    expect(phone.text()).toContain("执照看不清");
    await phone.tap("text=重新申请");
    expect(phone.path).toBe("pages/register/enterprise");
  });

  test("being erased: taken back by a tap", async () => {
    const { phone, server } = await refusedBy({
      status: 403,
      code: "account_erasing",
      erase_at: new Date(2026, 10, 29, 8, 0).toISOString(),
    });
    expect(phone.path).toBe("pages/account/restore");
    expect(phone.text()).toContain("2026-11-29 08:00");
    await phone.tap("text=用微信撤销注销");
    expect(server.calls("/v1/me/restore")).toHaveLength(1);
    expect(phone.path).toBe("pages/home/home");
    expect(phone.text()).toContain("小明");
  });

  test("too many: how long to wait, beside the button", async () => {
    const { phone } = await refusedBy({
      status: 429,
      code: "rate_limited",
      title: "操作太频繁",
      retry_after: 30,
    });
    expect(phone.path).toBe(LOGIN);
    expect(phone.text()).toContain("请 30 秒后再试");
  });

  test("the page of a notice opened by a link, with nothing to tell, is home", async () => {
    const { phone } = await openPages("pages/notice/notice");
    expect(phone.path).toBe("pages/home/home");
  });
});
