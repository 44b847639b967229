// @vitest-environment jsdom
import { describe, expect, test, vi } from "vitest";
import { clearPage, dialogs, find, openShell, painted, pressEscape, tap } from "./shell_phone";

clearPage();

describe("showModal", () => {
  test("shows its texts, and tells which button was tapped", async () => {
    const shell = openShell();
    const answer = shell.showModal({ title: "退出登录", content: "确定？", confirmText: "退出" });
    expect(dialogs()[0]?.getAttribute("aria-label")).toBe("退出登录");
    expect(dialogs()[0]?.textContent).toBe("退出登录确定？取消退出");
    tap("退出");
    expect(await answer).toEqual({ confirm: true, cancel: false });
    expect(dialogs()).toEqual([]);
  });

  test("Escape is a cancel, also where there is no such button", async () => {
    const shell = openShell();
    const answer = shell.showModal({ content: "好", showCancel: false });
    expect(document.body.textContent).not.toContain("取消");
    pressEscape();
    expect(await answer).toEqual({ confirm: false, cancel: true });
  });

  test("what was typed comes with the yes alone", async () => {
    const shell = openShell();
    const yes = shell.showModal({ title: "密码", editable: true, placeholderText: "请输入" });
    find<HTMLInputElement>("dialog input").value = "甲";
    tap("确定");
    expect(await yes).toEqual({ confirm: true, cancel: false, content: "甲" });
    const no = shell.showModal({ title: "密码", editable: true });
    tap("取消");
    expect(await no).toEqual({ confirm: false, cancel: true });
  });

  test("texts are texts, whatever stands in them", async () => {
    const shell = openShell();
    void shell.showModal({ title: "<img src=x onerror=alert(1)>", content: "<b>x</b>" });
    expect(document.querySelector("dialog img, dialog b")).toBeNull();
  });
});

const tapBeside = () => {
  find("dialog").dispatchEvent(new MouseEvent("pointerdown", { bubbles: true }));
  find("dialog").click();
};

test("the click of the tap that opened a sheet does not close it", async () => {
  const answer = openShell().showActionSheet({ itemList: ["甲"] });
  find("dialog").click();
  tap("甲");
  expect(await answer).toBe(0);
});

test("an action sheet tells the index; cancel, Escape and a tap beside it are none", async () => {
  const shell = openShell();
  const sheet = () => shell.showActionSheet({ itemList: ["甲", "乙"] });
  const second = sheet();
  tap("乙");
  expect(await second).toBe(1);
  for (const leave of [() => tap("取消"), pressEscape, tapBeside]) {
    const answer = sheet();
    leave();
    expect(await answer).toBe(-1);
  }
});

describe("askPhone", () => {
  const phones = ["138****6666", "139****1111"];

  test("the number chosen, or a refusal", async () => {
    const shell = openShell();
    const first = shell.askPhone({ phones });
    expect(find("dialog").textContent).toContain("申请获取并验证你的手机号");
    tap("允许");
    expect(await first).toEqual({ chosen: 0 });
    const second = shell.askPhone({ phones });
    document.querySelectorAll<HTMLInputElement>("dialog input")[1]?.click();
    tap("允许");
    expect(await second).toEqual({ chosen: 1 });
    for (const leave of [() => tap("拒绝"), pressEscape, tapBeside]) {
      const refused = shell.askPhone({ phones });
      leave();
      expect(await refused).toBeNull();
    }
  });

  test("another number, once it is one; and the way back", async () => {
    const shell = openShell();
    const answer = shell.askPhone({ phones });
    tap("使用其他号码");
    await vi.waitFor(() => find("dialog .phone-field"));
    tap("取消");
    await vi.waitFor(() => tap("使用其他号码"));
    await vi.waitFor(() => find("dialog .phone-field"));
    const field = find<HTMLInputElement>("dialog .phone-field");
    field.value = "12345";
    tap("确定");
    expect(find("[role=alert].phone-complaint").textContent).toBe("请输入 11 位手机号");
    field.value = "13900002222";
    tap("确定");
    expect(await answer).toEqual({ added: "13900002222" });
  });
});

describe("pictures", () => {
  test("the person's own avatar is theirs alone", async () => {
    const own = async (user: string) => {
      const avatar = openShell(user).askAvatar();
      tap("用微信头像");
      const text = await (await avatar)?.text();
      document.body.replaceChildren();
      return text;
    };
    expect(await own("ann")).toBe(await own("ann"));
    expect(await own("ann")).not.toBe(await own("bob"));
  });

  test("one of the album, and several up to the count", async () => {
    const shell = openShell();
    const avatar = shell.askAvatar();
    tap("从相册选择");
    await vi.waitFor(() => tap("图片 2"));
    expect(await (await avatar)?.text()).toBe(await painted("landscape", 10).text());
    const several = shell.askPictures({ count: 2 });
    tap("从相册选择");
    await vi.waitFor(() => tap("图片 1"));
    for (const name of ["图片 2", "图片 3", "图片 1", "图片 3"]) tap(name);
    tap("完成");
    const texts = await Promise.all((await several).map((one) => one.text()));
    expect(texts).toEqual(["landscape 10", "landscape 15"]);
  });

  test("nothing where the sheet is closed", async () => {
    const shell = openShell();
    const avatar = shell.askAvatar();
    pressEscape();
    expect(await avatar).toBeNull();
    const pictures = shell.askPictures({ count: 9 });
    pressEscape();
    expect(await pictures).toEqual([]);
  });
});

describe("questions of permission", () => {
  test("privacy and authorisation: yes, no, and Escape is a no", async () => {
    const shell = openShell();
    const ask = {
      privacy: () => shell.askPrivacy({ contractName: "《指引》" }),
      scope: () => shell.askAuthorize("scope.camera"),
    };
    for (const [question, yes] of [
      [ask.privacy, "同意"],
      [ask.scope, "允许"],
    ] as const) {
      const agreed = question();
      tap(yes);
      expect(await agreed).toBe(true);
      for (const leave of [() => tap("拒绝"), pressEscape]) {
        const refused = question();
        leave();
        expect(await refused).toBe(false);
      }
    }
  });

  test("settings are what they are when the page is left by its button", async () => {
    const shell = openShell();
    const before = { "scope.camera": false, "scope.record": true };
    const changed = shell.askSettings(before);
    find<HTMLInputElement>("dialog input").click();
    tap("完成");
    expect(await changed).toEqual({ "scope.camera": true, "scope.record": true });
    const left = shell.askSettings(before);
    find<HTMLInputElement>("dialog input").click();
    pressEscape();
    expect(await left).toEqual(before);
  });
});
