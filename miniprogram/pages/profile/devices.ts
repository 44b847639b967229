import type { Session } from "wxlogin";
import { act, confirmed, load, toast } from "../../acting";
import { auth } from "../../auth";
import { isSignedInOrSent } from "../../navigation";
import type { Fault } from "../../rules/faults";
import { ago, moment } from "../../rules/moments";
import { paths } from "../../rules/paths";

interface Device {
  sessionId: string;
  name: string;
  seen: string;
  since: string;
  current: boolean;
}

Page({
  data: {
    devices: [] as Device[],
    loading: true,
    loadFault: null as Fault | null,
    busy: false,
    fault: null as Fault | null,
  },

  onShow() {
    return isSignedInOrSent(paths.devices) ? this.fetch() : undefined;
  },

  async onPullDownRefresh() {
    await this.fetch();
    wx.stopPullDownRefresh();
  },

  fetch() {
    return load(this, async () => {
      const sessions = await auth.sessions();
      const now = Date.now();
      this.setData({ devices: sessions.map((session) => deviceOf(session, now)) });
    });
  },

  async end(event: WechatMiniprogram.TouchEvent) {
    const { id, name } = event.currentTarget.dataset;
    const content = `“${name}”将退出登录，再用时需要在那台设备上点一下登录。`;
    if (!(await confirmed({ title: "退出这台设备", content, yes: "退出", danger: true }))) return;
    await this.ended(() => auth.endSession(String(id)));
  },

  async endOthers() {
    const content = "除了你正在用的这台，其他设备都会退出登录。";
    if (!(await confirmed({ title: "退出其他设备", content, yes: "全部退出", danger: true })))
      return;
    await this.ended(() => auth.endOtherSessions());
  },

  async ended(way: () => Promise<void>) {
    if (!(await act(this, way))) return;
    toast("已退出");
    await this.fetch();
  },
});

function deviceOf(session: Session, now: number): Device {
  return {
    sessionId: session.sessionId,
    name: session.device?.name || session.device?.platform || "未知设备",
    seen: session.current ? "正在使用" : `${ago(session.lastSeenAt, now)}使用过`,
    since: `${moment(session.createdAt)} 登录`,
    current: session.current,
  };
}
