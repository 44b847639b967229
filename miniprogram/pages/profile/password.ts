import { act, toast } from "../../acting";
import { auth } from "../../auth";
import type { ProofChange } from "../../components/proof-field/proof-field";
import { fieldEvents } from "../../field_events";
import { goBack, isSignedInOrSent } from "../../navigation";
import { type Fault, typed } from "../../rules/faults";
import { firstFault, PASSWORD_RULES, passwordFault, usernameFault } from "../../rules/fields";
import { paths } from "../../rules/paths";

Page({
  ...fieldEvents,

  data: {
    rules: PASSWORD_RULES,
    username: "",
    password: "",
    again: "",
    busy: false,
    fault: null as Fault | null,
  },

  proving: { proof: undefined, missing: null } as ProofChange,

  onShow() {
    isSignedInOrSent(paths.password);
  },

  async submit() {
    const { password, again } = this.data;
    const username = this.data.username.trim();
    const wrong = firstFault(
      username === "" ? null : usernameFault(username),
      passwordFault(password, again),
      this.proving.missing,
    );
    if (wrong !== null) return this.setData({ fault: typed(wrong) });
    const to = { newPassword: password, ...(username === "" ? {} : { username }) };
    if (!(await act(this, () => auth.setPassword(to, this.proving.proof)))) return undefined;
    toast("密码已设置，其他设备已退出");
    return goBack();
  },
});
