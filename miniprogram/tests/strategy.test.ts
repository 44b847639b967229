// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { openPhone } from "../../simulator/phone/tests/open_phone";
import { FakeServer } from "./fake_server";
import { answerModal, MINI_PROGRAM, openPages, openSignedIn } from "./opening";

const PAGE = "pages/strategy/strategy";
const KEPT = "phone:wx0123456789abcdef:ann:phone-1:wxlogin-demo-strategy";
const CHECK_SESSION = JSON.stringify({ type: "value", value: "checkSession" });

describe("the strategy of expiry", () => {
  test("is changed by a tap and a restart, while one develops", async () => {
    const { phone } = await openPages(PAGE);
    expect(phone.text(".tab.is-on")).toBe("服务器定期限");
    await phone.tap("text=跟随微信登录态");
    await answerModal(phone, "no");
    expect(localStorage.getItem(KEPT)).toBeNull();
    await phone.tap("text=跟随微信登录态");
    await answerModal(phone, "yes");
    expect(localStorage.getItem(KEPT)).toBe(CHECK_SESSION);
    expect(phone.restarts).toBe(1);
  });

  test.each([
    ["develop", "跟随微信登录态"],
    ["release", "服务器定期限"],
  ] as const)("in a version for %s what lies in storage means %s", async (env_version, shown) => {
    localStorage.clear();
    localStorage.setItem(KEPT, CHECK_SESSION);
    const { fetch } = new FakeServer();
    const phone = await openPhone(MINI_PROGRAM, {
      path: PAGE,
      fetch: fetch as typeof globalThis.fetch,
      config: { env_version },
    });
    expect(phone.text(".tab.is-on")).toBe(shown);
    phone.close();
  });
});

describe("what happens at the end of a login", () => {
  test("ten requests at once that find it idle are one login and ten answers", async () => {
    const { phone, server } = await openSignedIn(PAGE);
    server.ended = { status: 401, code: "session_idle" };
    await phone.tap("text=同时发 10 个");
    await phone.settle();
    expect(phone.text()).toContain("10 个成功，其间登录 1 次");
    expect(server.calls("/v1/login")).toHaveLength(1);
  });

  test("a kick is shown at home, and none of ten requests logs in", async () => {
    const { phone, server } = await openSignedIn(PAGE);
    server.ended = { status: 401, code: "session_revoked", reason: "kicked" };
    await phone.tap("text=同时发 10 个");
    await phone.settle();
    expect(phone.path).toBe("pages/home/home");
    expect(server.calls("/v1/login")).toEqual([]);
  });
});
