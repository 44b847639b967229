import type { PhoneButton } from "wxlogin";
import { act } from "../../acting";
import { auth } from "../../auth";
import type { ConsentAsker } from "../../components/agreement-consent/agreement-consent";
import { config, type Way } from "../../config";
import { fieldEvents } from "../../field_events";
import { leaveLogin } from "../../navigation";
import { enterByPhone } from "../../registration";
import { type Fault, typed } from "../../rules/faults";
import { firstFault, phoneFault, verificationCodeFault } from "../../rules/fields";
import { paths } from "../../rules/paths";

const TYPED_WAYS = config.ways.filter((way) => way === "password" || way === "sms");

Page({
  ...fieldEvents,

  data: {
    appName: config.appName,
    slogan: config.slogan,
    paths,
    hasWeChat: config.ways.includes("wechat"),
    hasPhone: config.ways.includes("phone"),
    typedWays: TYPED_WAYS,
    takesEnterprises: config.takesEnterprises,
    agreed: false,
    showsTyped: config.ways.every((way) => way === "password" || way === "sms"),
    way: TYPED_WAYS[0] ?? ("password" as Way),
    username: "",
    password: "",
    linkWeChat: false,
    phone: "",
    verificationCode: "",
    busy: false,
    fault: null as Fault | null,
  },

  /** Who sent the person here; judged by `leaveLogin`. */
  from: undefined as string | undefined,

  onLoad(query) {
    this.from = query.from;
  },

  loginByWeChat() {
    return this.enter(() => auth.login());
  },

  /** The phone button hears of consent first: its tap cannot be made up afterwards. */
  askForPhone() {
    this.consent().askForPhone();
  },

  loginByPhone(event: WechatMiniprogram.CustomEvent<PhoneButton>) {
    return this.enter(() => enterByPhone(event.detail));
  },

  loginByPassword() {
    const { username, password, linkWeChat } = this.data;
    if (username.trim() === "" || password === "")
      return this.setData({ fault: typed("请输入用户名和密码") });
    return this.enter(() =>
      auth.loginByPassword({ username: username.trim(), password, linkWeChat }),
    );
  },

  loginBySms() {
    const phone = this.data.phone.trim();
    const { verificationCode } = this.data;
    const wrong = firstFault(phoneFault(phone), verificationCodeFault(verificationCode));
    if (wrong !== null) return this.setData({ fault: typed(wrong) });
    return this.enter(() => auth.loginBySms({ phone, verificationCode }));
  },

  /** Every way in: consent, the way itself, and back to where the person came from. */
  async enter(way: () => Promise<unknown>) {
    if (!(await this.consent().ask())) return;
    if (await act(this, way)) leaveLogin(this.from);
  },

  consent() {
    return this.selectComponent("#consent") as unknown as ConsentAsker;
  },

  changeConsent(event: WechatMiniprogram.CustomEvent<{ agreed: boolean }>) {
    this.setData({ agreed: event.detail.agreed });
  },

  toggleLink(event: WechatMiniprogram.SwitchChange) {
    this.setData({ linkWeChat: event.detail.value });
  },

  showTyped() {
    this.setData({ showsTyped: true, fault: null });
  },

  hideTyped() {
    this.setData({ showsTyped: false, fault: null });
  },

  chooseWay(event: WechatMiniprogram.TouchEvent) {
    this.setData({ way: event.currentTarget.dataset.way, fault: null });
  },
});
