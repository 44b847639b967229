import { act, toast } from "../../acting";
import { auth } from "../../auth";
import { fieldEvents } from "../../field_events";
import { openHome } from "../../navigation";
import { standingFault } from "../../reactions";
import { ERASE_AT, type Fault, faultOf, typed } from "../../rules/faults";
import { firstFault, phoneFault, verificationCodeFault } from "../../rules/fields";

type Way = "password" | "sms";

/** Within the cooling-off an erasure can be taken back; by WeChat in one tap, or as one used to log in. */
Page({
  ...fieldEvents,

  data: {
    eraseAt: "",
    showsTyped: false,
    way: "password" as Way,
    username: "",
    password: "",
    phone: "",
    verificationCode: "",
    busy: false,
    fault: null as Fault | null,
  },

  onLoad() {
    const held = auth.hold === null ? null : faultOf(auth.hold);
    const notes = (standingFault() ?? held)?.notes ?? [];
    this.setData({ eraseAt: notes.find(({ name }) => name === ERASE_AT)?.value ?? "" });
  },

  restoreByWeChat() {
    return this.restore(() => auth.restore());
  },

  restoreByPassword() {
    const { username, password } = this.data;
    if (username.trim() === "" || password === "")
      return this.setData({ fault: typed("请输入用户名和密码") });
    return this.restore(() => auth.restore({ username: username.trim(), password }));
  },

  restoreBySms() {
    const { verificationCode } = this.data;
    const phone = this.data.phone.trim();
    const wrong = firstFault(phoneFault(phone), verificationCodeFault(verificationCode));
    if (wrong !== null) return this.setData({ fault: typed(wrong) });
    return this.restore(() => auth.restore({ phone, verificationCode }));
  },

  async restore(way: () => Promise<unknown>) {
    if (!(await act(this, way))) return;
    openHome();
    toast("注销已撤销，欢迎回来");
  },

  toggleTyped() {
    this.setData({ showsTyped: !this.data.showsTyped, fault: null });
  },

  chooseWay(event: WechatMiniprogram.TouchEvent) {
    this.setData({ way: event.currentTarget.dataset.way, fault: null });
  },

  leave() {
    openHome();
  },
});
