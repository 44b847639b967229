import { confirmed } from "../../acting";
import { auth } from "../../auth";
import { config, STRATEGY_KEY, type Strategy } from "../../config";
import { Countdown } from "../../rules/countdown";
import { faultOf } from "../../rules/faults";
import { clock, left } from "../../rules/moments";
import { fetchSessionFacts } from "../../session_facts";
import { explanations } from "./explanations";

interface Line {
  id: number;
  at: string;
  text: string;
  bad: boolean;
}

const AT_ONCE = 10;
const LONGEST_LOG = 50;

/** Shows when a login ends, in both strategies, and what the SDK does then. Made for developers. */
Page({
  data: {
    strategy: config.strategy,
    explanations,
    signedIn: false,
    hold: "",
    expires: "",
    idle: "",
    log: [] as Line[],
    busy: false,
  },

  stops: [] as (() => void)[],
  expiring: null as Countdown | null,
  idling: null as Countdown | null,
  lines: 0,

  onLoad() {
    this.expiring = new Countdown((seconds) => this.setData({ expires: left(seconds) }));
    this.idling = new Countdown((seconds) => this.setData({ idle: left(seconds) }));
    this.stops = [
      auth.on("signedIn", ({ how }) =>
        this.hear(how === "silent" ? "SDK 静默登录成功，拿到新的登录凭证" : "点击登录成功"),
      ),
      auth.on("signedOut", ({ code }) => this.hear(`已退出：${code}`)),
    ];
    this.draw();
  },

  onUnload() {
    for (const stop of this.stops) stop();
    this.expiring?.stop();
    this.idling?.stop();
  },

  draw() {
    this.setData({ signedIn: auth.isSignedIn, hold: auth.hold === null ? "" : auth.hold.title });
  },

  hear(text: string, bad = false) {
    this.lines += 1;
    const line = { id: this.lines, at: clock(Date.now()), text, bad };
    this.setData({ log: [line, ...this.data.log].slice(0, LONGEST_LOG) });
    this.draw();
  },

  /** Each button: what is asked, what came back, in the log. */
  async tell(name: string, work: () => Promise<string>) {
    if (this.data.busy) return;
    this.setData({ busy: true });
    const startedAt = Date.now();
    try {
      const answer = await work();
      this.hear(`${name}：${answer}（${Date.now() - startedAt} ms）`);
    } catch (error) {
      const { code, title } = faultOf(error);
      this.hear(`${name}：${title}（${code}）`, true);
    }
    this.setData({ busy: false });
  },

  askServer() {
    return this.tell("问服务器", async () => {
      const facts = await fetchSessionFacts();
      this.expiring?.start(facts.expires_in);
      this.idling?.start(facts.idle_expires_in);
      return "登录有效，闲置期限已顺延";
    });
  },

  askPhone() {
    return this.tell("wx.checkSession", () => checkSession());
  },

  askWeChat() {
    return this.tell("让服务器问微信", async () => {
      const valid = (await auth.checkWeChatSession()) === "valid";
      return valid ? "服务器上的 session_key 有效" : "服务器上的 session_key 已失效";
    });
  },

  sendOne() {
    return this.tell("发一个请求", async () => {
      const account = await auth.me();
      return `回答了，账号 ${account.id.slice(0, 6)}…`;
    });
  },

  sendMany() {
    return this.tell(`同时发 ${AT_ONCE} 个请求`, async () => {
      let logins = 0;
      const stop = auth.on("signedIn", () => {
        logins += 1;
      });
      const asked = Array.from({ length: AT_ONCE }, () =>
        auth.me().then(
          () => 1,
          () => 0,
        ),
      );
      const good = (await Promise.all<number>(asked)).reduce((sum, one) => sum + one, 0);
      stop();
      return `${good} 个成功，其间登录 ${logins} 次`;
    });
  },

  async choose(event: WechatMiniprogram.TouchEvent) {
    const strategy = event.currentTarget.dataset.strategy as Strategy;
    if (strategy === this.data.strategy) return;
    const content = "切换后小程序会重新启动，登录状态保留。";
    if (!(await confirmed({ title: "切换过期策略", content, yes: "切换" }))) return;
    wx.setStorageSync(STRATEGY_KEY, strategy);
    restart();
  },

  clearLog() {
    this.setData({ log: [] });
  },
});

function checkSession(): Promise<string> {
  return new Promise((resolve) => {
    wx.checkSession({
      success: () => resolve("微信登录态有效"),
      fail: () => resolve("微信登录态已失效"),
    });
  });
}

function restart(): void {
  if (wx.canIUse("restartMiniProgram")) wx.restartMiniProgram({ path: "/pages/strategy/strategy" });
  else
    wx.showModal({
      title: "请手动重启",
      content: "关闭小程序再打开，新的策略才会生效。",
      showCancel: false,
    });
}
