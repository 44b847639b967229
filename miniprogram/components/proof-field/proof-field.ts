import type { Proof } from "wxlogin";
import { auth } from "../../auth";
import { phoneFault } from "../../rules/fields";

/** What the page gives to the SDK; `null`: WeChat proves it, without a word from the person. */
export interface ProofChange {
  proof: Proof | undefined;
  /** What is still to be typed. */
  missing: string | null;
}

/**
 * Proves before a sensitive act that the phone is in its owner's hand. An account that WeChat knows
 * shows nothing here; any other one takes the password, or a code by SMS to its own number.
 */
Component({
  data: { shown: false, by: "password", password: "", phone: "", code: "" },

  lifetimes: {
    attached() {
      const appId = wx.getAccountInfoSync().miniProgram.appId;
      const linked = auth.account?.identities.some((identity) => identity.appId === appId) ?? false;
      this.setData({ shown: !linked });
    },

    ready() {
      this.tell();
    },
  },

  methods: {
    choose(event: WechatMiniprogram.TouchEvent) {
      this.setData({ by: event.currentTarget.dataset.by });
      this.tell();
    },

    typePassword(event: WechatMiniprogram.Input) {
      this.setData({ password: event.detail.value });
      this.tell();
    },

    typePhone(event: WechatMiniprogram.Input) {
      this.setData({ phone: event.detail.value });
      this.tell();
    },

    typeCode(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
      this.setData({ code: event.detail.value });
      this.tell();
    },

    pass(event: WechatMiniprogram.CustomEvent) {
      this.triggerEvent("fault", event.detail);
    },

    tell() {
      this.triggerEvent("change", this.change());
    },

    change(): ProofChange {
      const { shown, by, password, phone, code } = this.data;
      if (!shown) return { proof: undefined, missing: null };
      if (by === "password") {
        return {
          proof: { currentPassword: password },
          missing: password === "" ? "请输入登录密码" : null,
        };
      }
      return {
        proof: { verificationCode: code },
        missing: phoneFault(phone) ?? (code === "" ? "请输入短信验证码" : null),
      };
    },
  },
});
