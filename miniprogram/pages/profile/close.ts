import { act, confirmed } from "../../acting";
import { auth } from "../../auth";
import type { ProofChange } from "../../components/proof-field/proof-field";
import { fieldEvents } from "../../field_events";
import { isSignedInOrSent } from "../../navigation";
import { type Fault, typed } from "../../rules/faults";
import { paths } from "../../rules/paths";

Page({
  ...fieldEvents,

  data: {
    facts: [
      "所有设备立即退出登录",
      "冷静期（通常 7 天）内可以撤销，账号恢复原样",
      "冷静期后，账号、微信绑定、手机号、头像昵称、登录记录都会删除，不能恢复",
      "同一个微信以后再登录，会是一个全新的账号",
    ],
    understood: false,
    busy: false,
    fault: null as Fault | null,
  },

  proving: { proof: undefined, missing: null } as ProofChange,

  onShow() {
    isSignedInOrSent(paths.close);
  },

  understand(event: WechatMiniprogram.SwitchChange) {
    this.setData({ understood: event.detail.value });
  },

  async close() {
    const { missing, proof } = this.proving;
    const wrong = this.data.understood ? missing : "请先确认你已了解注销的后果";
    if (wrong !== null) return this.setData({ fault: typed(wrong) });
    if (!(await this.isSure())) return undefined;
    if (await act(this, () => auth.erase(proof))) wx.reLaunch({ url: paths.restore });
    return undefined;
  },

  async isSure() {
    const first = {
      title: "注销账号",
      content: "所有设备会立即退出登录，确定继续吗？",
      yes: "继续",
      danger: true,
    };
    const second = {
      title: "最后确认",
      content: "冷静期过后，账号与数据将被删除，任何人都无法恢复。",
      yes: "确认注销",
      danger: true,
    };
    return (await confirmed(first)) && (await confirmed(second));
  },
});
