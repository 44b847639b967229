import type { Account } from "wxlogin";
import { act, confirmed, load, toast } from "../../acting";
import { auth } from "../../auth";
import type { ProofChange } from "../../components/proof-field/proof-field";
import { fieldEvents } from "../../field_events";
import { freshCode } from "../../fresh_code";
import { isSignedInOrSent } from "../../navigation";
import { type Fault, typed } from "../../rules/faults";
import { day } from "../../rules/moments";
import { paths } from "../../rules/paths";

interface Identity {
  appId: string;
  name: string;
  linked: string;
}

Page({
  ...fieldEvents,

  data: {
    identities: [] as Identity[],
    /** Whether this mini program's own WeChat identity is among them. */
    linkedHere: false,
    loading: true,
    loadFault: null as Fault | null,
    busy: false,
    fault: null as Fault | null,
  },

  proving: { proof: undefined, missing: null } as ProofChange,

  onShow() {
    return isSignedInOrSent(paths.wechat) ? this.fetch() : undefined;
  },

  fetch() {
    return load(this, async () => this.draw(await auth.me()));
  },

  draw(account: Account) {
    const here = appId();
    const identities = account.identities.map((identity) => ({
      appId: identity.appId,
      name: identity.appId === here ? "当前小程序" : identity.appId,
      linked: `${day(identity.linkedAt)} 绑定`,
    }));
    this.setData({
      identities,
      linkedHere: identities.some((identity) => identity.appId === here),
    });
  },

  async link() {
    const { missing, proof } = this.proving;
    if (missing !== null) return this.setData({ fault: typed(missing) });
    const linked = await act(this, async () => {
      this.draw(await auth.linkIdentity({ appId: appId(), code: await freshCode() }, proof));
    });
    if (linked) toast("微信已绑定");
    return undefined;
  },

  async unlink(event: WechatMiniprogram.TouchEvent) {
    const { missing, proof } = this.proving;
    if (missing !== null) return this.setData({ fault: typed(missing) });
    const appId = String(event.currentTarget.dataset.appId);
    const sure = await confirmed({
      title: "解绑微信",
      content: "解绑后不能再用这个微信登录，由它登录的设备会退出。",
      yes: "解绑",
      danger: true,
    });
    if (sure && (await act(this, () => auth.unlinkIdentity({ appId }, proof)))) {
      if (auth.isSignedIn) await this.fetch();
    }
    return undefined;
  },
});

function appId(): string {
  return wx.getAccountInfoSync().miniProgram.appId;
}
