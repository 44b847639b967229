import { act } from "../../acting";
import { auth } from "../../auth";
import type { ConsentAsker } from "../../components/agreement-consent/agreement-consent";
import { fieldEvents } from "../../field_events";
import { forgetStanding } from "../../reactions";
import { isPhoneProven } from "../../registration";
import { creditCodeFault } from "../../rules/credit_code";
import { type Fault, typed } from "../../rules/faults";
import {
  firstFault,
  lineFault,
  passwordFault,
  phoneFault,
  usernameFault,
  verificationCodeFault,
} from "../../rules/fields";
import { paths } from "../../rules/paths";

Page({
  ...fieldEvents,

  data: {
    companyName: "",
    creditCode: "",
    /** Told while it is typed, from the eighteenth character on. */
    creditCodeHint: "",
    contactName: "",
    phoneProven: false,
    phone: "",
    verificationCode: "",
    username: "",
    password: "",
    again: "",
    busy: false,
    fault: null as Fault | null,
  },

  onShow() {
    this.setData({ phoneProven: isPhoneProven() });
  },

  typeCreditCode(event: WechatMiniprogram.Input) {
    const creditCode = event.detail.value;
    const isWhole = creditCode.trim().length >= 18;
    this.setData({
      creditCode,
      creditCodeHint: isWhole ? (creditCodeFault(creditCode) ?? "") : "",
    });
  },

  async submit() {
    const wrong = this.wrong();
    if (wrong !== null) return this.setData({ fault: typed(wrong) });
    if (!(await this.consent().ask())) return undefined;
    const sent = await act(this, () => auth.registerEnterprise(this.form()));
    if (!sent) return undefined;
    forgetStanding();
    return wx.redirectTo({ url: paths.registerStatus });
  },

  wrong() {
    const form = this.data;
    return firstFault(
      lineFault(form.companyName, "企业名称"),
      creditCodeFault(form.creditCode),
      lineFault(form.contactName, "联系人姓名"),
      form.phoneProven
        ? null
        : firstFault(phoneFault(form.phone), verificationCodeFault(form.verificationCode)),
      usernameFault(form.username),
      passwordFault(form.password, form.again),
    );
  },

  form() {
    const {
      phoneProven,
      phone,
      verificationCode,
      companyName,
      creditCode,
      contactName,
      username,
      password,
    } = this.data;
    return {
      companyName: companyName.trim(),
      creditCode: creditCode.trim().toUpperCase(),
      contactName: contactName.trim(),
      username: username.trim(),
      password,
      ...(phoneProven ? {} : { phone: phone.trim(), verificationCode }),
    };
  },

  consent() {
    return this.selectComponent("#consent") as unknown as ConsentAsker;
  },
});
