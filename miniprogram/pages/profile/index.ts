import type { Account } from "wxlogin";
import { act, confirmed, load, toast } from "../../acting";
import { auth, avatarSource } from "../../auth";
import { isSignedInOrSent } from "../../navigation";
import { Countdown } from "../../rules/countdown";
import { type Fault, typed } from "../../rules/faults";
import { nicknameFault } from "../../rules/fields";
import { left } from "../../rules/moments";
import { paths } from "../../rules/paths";

Page({
  data: {
    paths,
    avatar: "",
    nickname: "",
    /** As the server has it: the button to save appears where the field differs. */
    keptNickname: "",
    phone: "",
    support: null as { code: string; left: string } | null,
    loading: true,
    loadFault: null as Fault | null,
    busy: false,
    fault: null as Fault | null,
  },

  countdown: null as Countdown | null,

  onShow() {
    return isSignedInOrSent(paths.profile) ? this.fetch() : undefined;
  },

  onUnload() {
    this.countdown?.stop();
  },

  fetch() {
    if (auth.account !== null) this.draw(auth.account);
    return load(this, async () => this.draw(await auth.me()));
  },

  draw(account: Account) {
    this.setData({
      avatar: avatarSource(account.avatarUrl),
      nickname: account.nickname ?? "",
      keptNickname: account.nickname ?? "",
      phone: account.phone ?? "",
    });
  },

  changeAvatar(event: WechatMiniprogram.CustomEvent<{ filePath: string }>) {
    return act(this, async () => {
      const { avatarUrl } = await auth.uploadAvatar(event.detail.filePath);
      this.setData({ avatar: avatarSource(avatarUrl) });
      toast("头像已更新");
    });
  },

  typeNickname(event: WechatMiniprogram.Input) {
    this.setData({ nickname: event.detail.value });
  },

  /** By a form: WeChat empties a nickname it refuses after the field was left, and tells a form alone. */
  saveNickname(event: WechatMiniprogram.CustomEvent<{ value: { nickname: string } }>) {
    const nickname = event.detail.value.nickname.trim();
    const wrong = nicknameFault(nickname);
    if (wrong !== null) return this.setData({ fault: typed(wrong) });
    return act(this, async () => {
      this.draw(await auth.setNickname(nickname));
      toast("昵称已保存");
    });
  },

  showSupportCode() {
    return act(this, async () => {
      const { code, expiresIn } = await auth.supportCode();
      this.countdown?.stop();
      this.countdown = new Countdown((seconds) =>
        this.setData({ support: seconds > 0 ? { code, left: left(seconds) } : null }),
      );
      this.countdown.start(expiresIn);
    });
  },

  async logout() {
    const sure = await confirmed({
      title: "退出登录",
      content: "下次需要点一下才会再登录。",
      yes: "退出",
    });
    if (sure) await act(this, () => auth.logout());
  },
});
