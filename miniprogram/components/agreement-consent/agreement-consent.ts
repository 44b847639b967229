import { config } from "../../config";
import { giveConsent, hasConsented } from "../../consent";
import { paths } from "../../rules/paths";

export interface ConsentAsker {
  /** True once the person has agreed; asks where he has not. */
  ask(): Promise<boolean>;
  askForPhone(): void;
}

const waiting = new WeakMap<object, (agreed: boolean) => void>();

/**
 * The line "I have read and agree", unticked until the person ticks it, and the sheet that asks
 * where he taps a way in without it. Events: `change` {agreed}; `phone` with the detail of WeChat's
 * phone button, which the sheet's yes is where `askForPhone` was called: one tap for both.
 */
Component({
  data: {
    agreed: false,
    asking: false,
    forPhone: false,
    agreements: config.agreements,
  },

  lifetimes: {
    attached() {
      this.setData({ agreed: hasConsented() });
    },

    // Not before: the page that hears it must be there.
    ready() {
      this.tell(this.data.agreed);
    },

    detached() {
      waiting.get(this)?.(false);
    },
  },

  methods: {
    tick() {
      this.tell(!this.data.agreed);
    },

    ask(): Promise<boolean> {
      if (this.data.agreed) {
        giveConsent();
        return Promise.resolve(true);
      }
      waiting.get(this)?.(false);
      this.setData({ asking: true, forPhone: false });
      return new Promise((resolve) => waiting.set(this, resolve));
    },

    askForPhone() {
      this.setData({ asking: true, forPhone: true });
    },

    yes() {
      this.agree();
      waiting.get(this)?.(true);
    },

    takePhone(event: WechatMiniprogram.ButtonGetPhoneNumber) {
      this.agree();
      this.triggerEvent("phone", event.detail);
    },

    no() {
      this.setData({ asking: false });
      waiting.get(this)?.(false);
    },

    agree() {
      giveConsent();
      this.setData({ asking: false });
      this.tell(true);
    },

    tell(agreed: boolean) {
      this.setData({ agreed });
      this.triggerEvent("change", { agreed });
    },

    read(event: WechatMiniprogram.TouchEvent) {
      wx.navigateTo({ url: `${paths.agreement}?id=${event.currentTarget.dataset.id}` });
    },

    stay() {
      // The sheet catches taps, so that none reaches the page behind it.
    },
  },
});
