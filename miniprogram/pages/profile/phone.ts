import type { PhoneButton } from "wxlogin";
import { act, toast } from "../../acting";
import { auth } from "../../auth";
import type { ProofChange } from "../../components/proof-field/proof-field";
import { fieldEvents } from "../../field_events";
import { goBack, isSignedInOrSent } from "../../navigation";
import { type Fault, typed } from "../../rules/faults";
import { firstFault, phoneFault, verificationCodeFault } from "../../rules/fields";
import { paths } from "../../rules/paths";

Page({
  ...fieldEvents,

  data: {
    kept: "",
    phone: "",
    verificationCode: "",
    bySms: false,
    busy: false,
    fault: null as Fault | null,
  },

  /** Needed where a number is changed for another one. */
  proving: { proof: undefined, missing: null } as ProofChange,

  onShow() {
    if (isSignedInOrSent(paths.phone)) this.setData({ kept: auth.account?.phone ?? "" });
  },

  bindByTap(event: WechatMiniprogram.CustomEvent<PhoneButton>) {
    return this.bind(null, () => auth.bindPhone(event.detail, this.proof()));
  },

  bindBySms() {
    const { verificationCode } = this.data;
    const phone = this.data.phone.trim();
    const wrong = firstFault(phoneFault(phone), verificationCodeFault(verificationCode));
    return this.bind(wrong, () => auth.bindPhoneBySms({ phone, verificationCode }, this.proof()));
  },

  async bind(wrong: string | null, way: () => Promise<unknown>) {
    const missing = this.data.kept === "" ? null : this.proving.missing;
    const fault = wrong ?? missing;
    if (fault !== null) return this.setData({ fault: typed(fault) });
    if (!(await act(this, way))) return undefined;
    toast("手机号已绑定");
    return goBack();
  },

  proof() {
    return this.data.kept === "" ? undefined : this.proving.proof;
  },

  toggleWay() {
    this.setData({ bySms: !this.data.bySms, fault: null });
  },
});
