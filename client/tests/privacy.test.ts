import { describe, expect, it, vi } from "vitest";
import { type PrivacyAsk, privacyConsent } from "../src/index";

type Hear = (resolve: (answer: object) => void, ask: { referrer: string }) => void;

const phone = () => {
  let hear: Hear = () => {};
  return {
    ask: (resolve: (answer: object) => void) => hear(resolve, { referrer: "getPhoneNumber" }),
    onNeedPrivacyAuthorization: (listener: Hear) => {
      hear = listener;
    },
    getPrivacySetting: (options: { success?: (told: never) => void }) =>
      options.success?.({ needAuthorization: true, privacyContractName: "《指引》" } as never),
    openPrivacyContract: (options: { success?: (told: never) => void }) =>
      options.success?.({} as never),
  };
};

describe("consent to the privacy policy", () => {
  it("says whether it is needed, and opens the contract", async () => {
    const consent = privacyConsent({ wx: phone() });
    expect(await consent.isNeeded()).toEqual({ needed: true, contractName: "《指引》" });
    await expect(consent.openContract()).resolves.toBeDefined();
  });

  it("an old WeChat needs none", async () => {
    const consent = privacyConsent({ wx: {} });
    expect(await consent.isNeeded()).toEqual({ needed: false, contractName: "" });
    expect(() => consent.onAsk(() => {})()).not.toThrow();
  });

  it("hands the question over, and the answer back", () => {
    const wx = phone();
    const asks: PrivacyAsk[] = [];
    const off = privacyConsent({ wx }).onAsk((each) => asks.push(each));
    const answered = vi.fn();
    wx.ask(answered);
    expect(asks[0]?.referrer).toBe("getPhoneNumber");
    asks[0]?.agree("agree-button");
    expect(answered).toHaveBeenLastCalledWith({ event: "agree", buttonId: "agree-button" });
    asks[0]?.disagree();
    expect(answered).toHaveBeenLastCalledWith({ event: "disagree" });
    off();
    wx.ask(answered);
    expect(asks).toHaveLength(1);
    expect(answered).toHaveBeenLastCalledWith({ event: "disagree" });
  });
});
