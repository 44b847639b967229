import { toast } from "../../acting";
import { auth } from "../../auth";
import { Countdown } from "../../rules/countdown";
import { faultOf, typed } from "../../rules/faults";
import { phoneFault } from "../../rules/fields";

type Purpose = "login" | "register" | "link" | "reset" | "proof";

const countdowns = new WeakMap<object, Countdown>();

/** The field of a code by SMS, and the button that has one sent to `phone`. */
Component({
  properties: {
    phone: String,
    purpose: { type: String, value: "login" },
  },

  data: { code: "", secondsLeft: 0, sending: false },

  lifetimes: {
    detached() {
      countdowns.get(this)?.stop();
    },
  },

  methods: {
    type(event: WechatMiniprogram.Input) {
      this.setData({ code: event.detail.value });
      this.triggerEvent("change", { value: event.detail.value });
    },

    async send() {
      const missing = phoneFault(this.data.phone);
      this.triggerEvent("fault", { fault: missing === null ? null : typed(missing) });
      if (missing !== null || this.data.sending || this.data.secondsLeft > 0) return;
      this.setData({ sending: true });
      try {
        const { resendIn } = await auth.sendCode({
          phone: this.data.phone.trim(),
          purpose: this.data.purpose as Purpose,
        });
        this.wait(resendIn);
        toast("验证码已发送");
      } catch (error) {
        this.triggerEvent("fault", { fault: faultOf(error) });
      } finally {
        this.setData({ sending: false });
      }
    },

    wait(seconds: number) {
      const countdown =
        countdowns.get(this) ?? new Countdown((secondsLeft) => this.setData({ secondsLeft }));
      countdowns.set(this, countdown);
      countdown.start(seconds);
    },
  },
});
