import { act } from "../../acting";
import { auth } from "../../auth";
import { fieldEvents } from "../../field_events";
import { goBack } from "../../navigation";
import { type Fault, typed } from "../../rules/faults";
import {
  firstFault,
  PASSWORD_RULES,
  passwordFault,
  phoneFault,
  verificationCodeFault,
} from "../../rules/fields";

Page({
  ...fieldEvents,

  data: {
    rules: PASSWORD_RULES,
    phone: "",
    verificationCode: "",
    password: "",
    again: "",
    done: false,
    busy: false,
    fault: null as Fault | null,
  },

  async submit() {
    const { verificationCode, password, again } = this.data;
    const phone = this.data.phone.trim();
    const wrong = firstFault(
      phoneFault(phone),
      verificationCodeFault(verificationCode),
      passwordFault(password, again),
    );
    if (wrong !== null) return this.setData({ fault: typed(wrong) });
    const done = await act(this, () =>
      auth.resetPassword({ phone, verificationCode, newPassword: password }),
    );
    if (done) this.setData({ done: true, password: "", again: "" });
  },

  back() {
    goBack();
  },
});
