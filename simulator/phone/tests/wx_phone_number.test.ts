// @vitest-environment jsdom
import { beforeEach, describe, expect, test } from "vitest";
import { bodyOf, json, openPhone, type Serve, type TestPhone } from "./wx_phone";

const TAP = { realtime: false, noQuotaToast: true };
const OK = { errMsg: "getPhoneNumber:ok", code: "phone-code-phone-code", iv: "iv" };

/** WeChat knows the number, and answers the button as it is told to. */
function weChat(answer: object = OK, phone = "+8613812346666"): Serve {
  return ({ url, init }) => {
    if (url === "/sim/users") return json({ name: "安", phone, ...JSON.parse(String(init.body)) });
    return json(answer);
  };
}

const asked = (phone: TestPhone) =>
  phone.sent.filter(({ url }) => url === "/sim/wx/getPhoneNumber").map(bodyOf);

function openAgreed(serve?: Serve, given = {}): TestPhone {
  const phone = openPhone(serve ?? weChat(), given);
  phone.platform.agreePrivacy("b");
  return phone;
}

beforeEach(() => localStorage.clear());

describe("the phone number button", () => {
  test("shows the number masked, and gives WeChat's answer after a yes", async () => {
    const phone = openAgreed();
    phone.shell.askPhone.mockResolvedValue({ chosen: 0 });
    expect(await phone.platform.getPhoneNumber(TAP)).toEqual(OK);
    expect(phone.shell.askPhone).toHaveBeenCalledWith({ phones: ["138****6666"] });
    expect(asked(phone)).toMatchObject([{ answer: "allow", realtime: false, user_id: "ann" }]);
  });

  test.each([
    ["phone-1", "ios", "getPhoneNumber:fail user deny"],
    ["phone-2", "android", "getPhoneNumber:fail:user deny"],
  ])("a no on %s is spelt as on %s", async (device, platform, errMsg) => {
    const phone = openAgreed(weChat({ errMsg }), { device });
    phone.shell.askPhone.mockResolvedValue(null);
    expect(await phone.platform.getPhoneNumber(TAP)).toEqual({ errMsg });
    expect(asked(phone)).toMatchObject([{ answer: "deny", platform }]);
  });

  test("another number becomes the person's, and is offered from then on", async () => {
    const phone = openAgreed();
    phone.shell.askPhone.mockResolvedValueOnce({ added: "13900001111" });
    await phone.platform.getPhoneNumber(TAP);
    const changes = phone.sent.filter(({ url }) => url === "/sim/users").map(bodyOf);
    expect(changes.at(-1)).toEqual({ user_id: "ann", phone: "+8613900001111" });
    phone.shell.askPhone.mockResolvedValueOnce(null);
    await phone.platform.getPhoneNumber(TAP);
    expect(phone.shell.askPhone).toHaveBeenLastCalledWith({
      phones: ["138****6666", "139****1111"],
    });
  });

  test("a direction answers instead of the person", async () => {
    const phone = openPhone(weChat({ errMsg: "getPhoneNumber:fail no permission" }));
    phone.directed.setPhoneAnswer("no_permission");
    const { errMsg } = await phone.platform.getPhoneNumber(TAP);
    expect(errMsg).toBe("getPhoneNumber:fail no permission");
    expect(asked(phone)).toMatchObject([{ answer: "no_permission" }]);
    expect(phone.shell.askPhone).not.toHaveBeenCalled();
    expect(phone.shell.askPrivacy).not.toHaveBeenCalled();
  });

  test("without a quota the person is told, unless the button says not to", async () => {
    const refused = { errMsg: "getPhoneNumber:fail appid no enough quota", errno: 1400001 };
    const phone = openPhone(weChat(refused));
    phone.directed.setPhoneAnswer("no_quota");
    expect(await phone.platform.getPhoneNumber({ ...TAP, noQuotaToast: false })).toEqual(refused);
    expect(phone.shell.showModal).not.toHaveBeenCalled();
    await phone.platform.getPhoneNumber(TAP);
    expect(phone.shell.showModal).toHaveBeenCalledOnce();
  });

  test("without consent to the privacy guideline no number is shown", async () => {
    const phone = openPhone(weChat());
    phone.shell.askPrivacy.mockResolvedValue(false);
    expect(await phone.platform.getPhoneNumber(TAP)).toEqual({
      errMsg: "getPhoneNumber:fail privacy permission is not authorized",
      errno: 104,
    });
    expect(phone.shell.askPhone).not.toHaveBeenCalled();
    expect(asked(phone)).toEqual([]);
  });

  test("is told outside without code and number", async () => {
    const phone = openAgreed();
    phone.shell.askPhone.mockResolvedValue({ chosen: 0 });
    await phone.platform.getPhoneNumber(TAP);
    expect(phone.facts).toMatchObject([
      { name: "getPhoneNumber", ok: true, detail: { code: "phone-…" } },
    ]);
    expect(JSON.stringify(phone.facts)).not.toContain("13812346666");
  });
});
