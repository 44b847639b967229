// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { FakeServer } from "./fake_server";
import { answerModal, openAgain, openPages, openSignedIn } from "./opening";

describe("a guest at home", () => {
  test("is invited, and nothing logs in behind his back", async () => {
    const { phone, server } = await openPages();
    expect(phone.text()).toContain("登录 / 注册");
    expect(phone.text()).toContain("服务状态 正常");
    expect(server.calls("/sim/wx/login")).toEqual([]);
    expect(server.calls("/readyz").map(({ token }) => token)).toEqual([null]);
    expect(phone.errors).toEqual([]);
  });

  test("is sent to the login page by what needs an account, and comes back to it", async () => {
    const { phone } = await openPages("pages/profile/devices");
    expect(phone.path).toBe("pages/login/login");
    await phone.tap("text=微信一键登录");
    await phone.tap("text=同意并继续");
    expect(phone.path).toBe("pages/profile/devices");
    expect(phone.text()).toContain("Mate 90");
  });

  test("without a network sees that, and a button that helps once it is back", async () => {
    const server = new FakeServer();
    server.offline = true;
    const { phone } = await openPages(undefined, server);
    expect(phone.text()).toContain("网络");
    server.offline = false;
    await phone.tap("text=重试");
    expect(phone.text()).not.toContain("重试");
    expect(phone.text()).toContain("服务状态 正常");
  });

  test("sees that the service is being mended", async () => {
    const server = new FakeServer();
    server.refusals.set("/readyz", { status: 503, code: "store_unavailable" });
    const { phone } = await openPages(undefined, server);
    expect(phone.text()).toContain("服务状态 维护中");
    expect(phone.text()).toContain("登录 / 注册");
  });
});

describe("whoever is signed in", () => {
  test("sees what the server knows, after a restart too, without a new login", async () => {
    const { phone, server } = await openSignedIn();
    for (const fact of ["小明", "未绑定手机号", "2026-11-22", "29 天 23 小时", "7 天", "3 台"])
      expect(phone.text()).toContain(fact);
    expect(server.calls("/v1/login")).toEqual([]);
    expect(phone.errors).toEqual([]);
  });

  test("stays so when the server is being mended, and may try again", async () => {
    const { phone, server } = await openSignedIn();
    server.refusals.set("/v1/me", {
      status: 503,
      code: "store_unavailable",
      title: "服务暂时不可用",
    });
    const again = await openAgain(server);
    expect(again.text()).toContain("服务暂时不可用");
    expect(again.text()).toContain("小明");
    server.refusals.clear();
    await again.tap("text=重试");
    expect(again.text()).toContain("3 台");
    expect(phone.errors).toEqual([]);
  });
});

describe("whoever was signed out by somebody", () => {
  const REPLACED = { status: 401, code: "session_replaced", device: { name: "Mate 90" } };

  test("reads by which phone, and stays out until a tap, over a restart", async () => {
    const { phone, server } = await openSignedIn("pages/profile/index");
    server.ended = REPLACED;
    await phone.tap("text=登录设备");
    expect(phone.path).toBe("pages/home/home");
    expect(phone.text()).toContain("“Mate 90”");
    const again = await openAgain(server);
    expect(again.text()).toContain("“Mate 90”");
    expect(server.calls("/sim/wx/login")).toEqual([]);
    await again.tap("text=重新登录");
    await again.tap("text=微信一键登录");
    expect(again.path).toBe("pages/home/home");
    expect(again.text()).not.toContain("Mate 90");
    expect(server.calls("/v1/login")).toHaveLength(1);
  });

  test("reads that an operator did it", async () => {
    const { server } = await openSignedIn();
    server.ended = { status: 401, code: "session_revoked", reason: "kicked" };
    const again = await openAgain(server);
    expect(again.text()).toContain("管理员已让这台设备退出登录");
    expect(again.text()).toContain("登录 / 注册");
  });

  test("is told nothing where it was his own tap", async () => {
    const { phone } = await openSignedIn("pages/profile/index");
    await phone.tap("text=退出登录");
    await answerModal(phone, "yes");
    expect(phone.path).toBe("pages/home/home");
    expect(phone.text()).toContain("登录 / 注册");
    expect(phone.text()).not.toContain("重新登录");
  });
});
