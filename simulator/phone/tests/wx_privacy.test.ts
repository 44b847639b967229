// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { json, openPhone } from "./wx_phone";

type Resolve = (answer: object) => void;

const REFUSED = { errMsg: "getUserInfo:fail privacy permission is not authorized", errno: 104 };
const serve = () => json({ errMsg: "getUserInfo:ok", userInfo: { nickName: "微信用户" } });

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

/** A phone whose mini program has a dialog of its own, and how often it was asked. */
function withDialog() {
  const phone = openPhone(serve);
  const asked: { resolve: Resolve; referrer: string }[] = [];
  phone.wx.onNeedPrivacyAuthorization?.((resolve: Resolve, about: { referrer: string }) =>
    asked.push({ resolve, ...about }),
  );
  const heard = vi.fn();
  const start = async () => {
    phone.wx.getUserInfo?.({ complete: heard });
    await vi.advanceTimersByTimeAsync(0);
  };
  return { phone, asked, heard, start };
}

describe("consent to the privacy guideline", () => {
  test("wx.login needs none", async () => {
    const phone = openPhone(() => json({ errMsg: "login:ok", code: "c" }));
    await phone.call("login");
    expect(phone.shell.askPrivacy).not.toHaveBeenCalled();
  });

  test("without a dialog of the mini program WeChat's is shown, once for all", async () => {
    const phone = openPhone(serve);
    phone.shell.askPrivacy.mockResolvedValue(true);
    expect(await phone.call("getPrivacySetting")).toMatchObject({ needAuthorization: true });
    expect((await phone.call("getUserInfo")).errMsg).toBe("getUserInfo:ok");
    await phone.call("getUserInfo");
    expect(phone.shell.askPrivacy).toHaveBeenCalledOnce();
    const again = openPhone(serve);
    expect(await again.call("getPrivacySetting")).toMatchObject({ needAuthorization: false });
  });

  test("the call stands still until the button of the dialog was tapped and named", async () => {
    const { phone, asked, heard, start } = withDialog();
    await start();
    expect(asked).toMatchObject([{ referrer: "getUserInfo" }]);
    asked[0]?.resolve({ event: "exposureAuthorization" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).not.toHaveBeenCalled();
    phone.platform.agreePrivacy("agree-btn");
    asked[0]?.resolve({ event: "agree", buttonId: "agree-btn" });
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ errMsg: "getUserInfo:ok" }));
  });

  test.each([{}, { buttonId: "" }, { buttonId: "other" }])(
    "a mini program may not agree for the person: %j",
    async (given) => {
      const { asked, heard, start } = withDialog();
      const error = vi.spyOn(console, "error").mockImplementation(() => {});
      await start();
      asked[0]?.resolve({ event: "agree", ...given });
      await vi.advanceTimersByTimeAsync(0);
      expect(heard).toHaveBeenCalledWith(REFUSED);
      expect(error).toHaveBeenCalledOnce();
    },
  );

  test("a refusal holds for ten seconds, then the question comes again", async () => {
    const { asked, heard, start } = withDialog();
    await start();
    asked[0]?.resolve({ event: "disagree" });
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toHaveBeenCalledWith(REFUSED);
    await vi.advanceTimersByTimeAsync(9_900);
    await start();
    expect(heard).toHaveBeenCalledTimes(2);
    expect(asked.length).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    await start();
    expect(asked.length).toBe(2);
  });

  test("several calls at once are one question", async () => {
    const { asked, heard, start } = withDialog();
    await start();
    await start();
    expect(asked.length).toBe(1);
    asked[0]?.resolve({ event: "disagree" });
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toHaveBeenCalledTimes(2);
  });

  test("a tap on the button agrees also where nothing is pending", async () => {
    const phone = openPhone(serve);
    phone.platform.agreePrivacy("any");
    expect(await phone.call("getPrivacySetting")).toMatchObject({ needAuthorization: false });
  });

  test("deleting the mini program's data takes the consent away", async () => {
    const phone = openPhone(serve);
    phone.platform.agreePrivacy("any");
    phone.directed.clearStorage();
    expect(await phone.call("getPrivacySetting")).toMatchObject({ needAuthorization: true });
  });

  test("a refused avatar is an event with a reason, a closed sheet is none", async () => {
    const phone = openPhone(serve);
    phone.shell.askPrivacy.mockResolvedValue(false);
    expect(await phone.platform.chooseAvatar()).toEqual({
      avatarUrl: "",
      errMsg: "chooseAvatar:fail privacy permission is not authorized",
      errno: 104,
    });
    expect(await phone.platform.mayFillNickname()).toBe(false);
    phone.platform.agreePrivacy("any");
    phone.shell.askAvatar.mockResolvedValue(null);
    expect(await phone.platform.chooseAvatar()).toBeNull();
    expect(await phone.platform.mayFillNickname()).toBe(true);
  });
});
