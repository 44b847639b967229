import { config } from "../../config";
import { goBack, noticeToShow, openHome } from "../../navigation";
import type { Fault } from "../../rules/faults";

/** A state that nothing the person taps will change: disabled, closed, blocked. It says whom to call. */
Page({
  data: { fault: null as Fault | null, servicePhone: config.servicePhone },

  onLoad() {
    const fault = noticeToShow();
    if (fault === null) openHome();
    else this.setData({ fault });
  },

  back() {
    goBack();
  },

  call() {
    wx.makePhoneCall({ phoneNumber: config.servicePhone, fail: () => undefined });
  },
});
