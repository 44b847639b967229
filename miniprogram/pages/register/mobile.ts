import type { PhoneButton } from "wxlogin";
import { act } from "../../acting";
import { auth } from "../../auth";
import type { ConsentAsker } from "../../components/agreement-consent/agreement-consent";
import { config } from "../../config";
import { fieldEvents } from "../../field_events";
import { openHome } from "../../navigation";
import { enterByPhone, isPhoneProven } from "../../registration";
import { type Fault, typed } from "../../rules/faults";
import {
  firstFault,
  nicknameFault,
  passwordFault,
  phoneFault,
  usernameFault,
  verificationCodeFault,
} from "../../rules/fields";
import { paths } from "../../rules/paths";

Page({
  ...fieldEvents,

  data: {
    paths,
    takesEnterprises: config.takesEnterprises,
    hasPhoneButton: config.ways.includes("phone"),
    phoneProven: false,
    agreed: false,
    showsPassword: false,
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

  askForPhone() {
    this.consent().askForPhone();
  },

  /** One tap registers where the server takes everybody; else it proves the number for the form below. */
  async registerByPhone(event: WechatMiniprogram.CustomEvent<PhoneButton>) {
    if (await act(this, () => enterByPhone(event.detail))) openHome();
    else if (isPhoneProven()) this.setData({ phoneProven: true, fault: null });
  },

  /** By a form: WeChat empties a nickname it refuses after the field was left, and tells a form alone. */
  async submit(event: WechatMiniprogram.CustomEvent<{ value: { nickname: string } }>) {
    const nickname = event.detail.value.nickname.trim();
    const wrong = this.wrong(nickname);
    if (wrong !== null) return this.setData({ fault: typed(wrong) });
    if (!(await this.consent().ask())) return;
    if (await act(this, () => auth.registerMobile(this.form(nickname)))) openHome();
  },

  wrong(nickname: string) {
    const form = this.data;
    return firstFault(
      form.phoneProven
        ? null
        : firstFault(phoneFault(form.phone), verificationCodeFault(form.verificationCode)),
      nickname === "" ? null : nicknameFault(nickname),
      form.showsPassword
        ? firstFault(usernameFault(form.username), passwordFault(form.password, form.again))
        : null,
    );
  },

  form(nickname: string) {
    const { phoneProven, phone, verificationCode, showsPassword, username, password } = this.data;
    return {
      ...(phoneProven ? {} : { phone: phone.trim(), verificationCode }),
      ...(nickname === "" ? {} : { nickname }),
      ...(showsPassword ? { username: username.trim(), password } : {}),
    };
  },

  togglePassword(event: WechatMiniprogram.SwitchChange) {
    this.setData({ showsPassword: event.detail.value });
  },

  consent() {
    return this.selectComponent("#consent") as unknown as ConsentAsker;
  },

  changeConsent(event: WechatMiniprogram.CustomEvent<{ agreed: boolean }>) {
    this.setData({ agreed: event.detail.agreed });
  },
});
