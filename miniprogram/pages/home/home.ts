import { type Account, AuthError } from "wxlogin";
import type { LoginApp } from "../../app";
import { auth, avatarSource } from "../../auth";
import { config } from "../../config";
import { open } from "../../navigation";
import { openStanding, standingFault } from "../../reactions";
import { type Fault, faultOf } from "../../rules/faults";
import { day, left } from "../../rules/moments";
import { type PagePath, paths } from "../../rules/paths";
import { fetchSessionFacts } from "../../session_facts";

interface Member {
  nickname: string;
  avatar: string;
  phone: string;
  since: string;
}

interface Known {
  expires: string;
  idle: string;
  devices: string;
}

type Banner = Pick<Fault, "title" | "message" | "notes"> & {
  action: string;
  /** Null: the page of what stands in the way. */
  path: PagePath | null;
};

const APPLICATIONS = {
  pending: "企业申请审核中",
  approved: "企业申请已通过，请登录",
  rejected: "企业申请未通过",
};

/** For everybody; with an account for whoever has one. Nothing here asks for a login by itself. */
Page({
  data: {
    paths,
    appName: config.appName,
    /** Until the look for an account at launch is over. */
    starting: true,
    member: null as Member | null,
    known: null as Known | null,
    banner: null as Banner | null,
    service: "",
    fault: null as Fault | null,
    refreshing: false,
  },

  stops: [] as (() => void)[],

  async onLoad() {
    this.stops = [auth.on("signedIn", () => this.draw()), auth.on("signedOut", () => this.draw())];
    this.draw();
    await getApp<LoginApp>().started.catch((error: unknown) =>
      this.setData({ fault: faultOf(error) }),
    );
    this.setData({ starting: false });
    this.draw();
    if (this.data.fault === null) await this.refresh();
  },

  onShow() {
    if (this.data.starting) return undefined;
    this.draw();
    return this.refresh();
  },

  onUnload() {
    for (const stop of this.stops) stop();
  },

  async onPullDownRefresh() {
    await this.refresh();
    wx.stopPullDownRefresh();
  },

  /** What is known without the network. */
  draw() {
    const { account } = auth;
    const member = account === null ? null : memberOf(account);
    this.setData({ member, banner: bannerOf(), ...(member === null ? { known: null } : {}) });
  },

  async refresh() {
    if (this.data.refreshing) return;
    this.setData({ refreshing: true, fault: null });
    try {
      await Promise.all([this.fetchService(), auth.isSignedIn ? this.fetchMember() : undefined]);
    } catch (error) {
      this.setData({ fault: faultOf(error) });
    }
    this.setData({ refreshing: false });
    this.draw();
  },

  async fetchMember() {
    const [, session, devices] = await Promise.all([
      auth.me(),
      fetchSessionFacts(),
      auth.sessions(),
    ]);
    this.setData({
      known: {
        expires: left(session.expires_in),
        idle: left(session.idle_expires_in),
        devices: `${devices.length} 台`,
      },
    });
  },

  /** A guest may ask too: with a token where there is one, and never a login for it. */
  async fetchService() {
    try {
      await auth.request({ url: "/readyz", auth: "optional" });
      this.setData({ service: "正常" });
    } catch (error) {
      if (!(error instanceof AuthError) || error.status !== 503) throw error;
      this.setData({ service: "维护中" });
    }
  },

  act() {
    const path = this.data.banner?.path ?? null;
    if (path === null) openStanding();
    else open(path);
  },

  openLogin() {
    wx.navigateTo({ url: paths.login });
  },

  openProfile() {
    wx.navigateTo({ url: paths.profile });
  },
});

function memberOf(account: Account): Member {
  return {
    nickname: account.nickname ?? "微信用户",
    avatar: avatarSource(account.avatarUrl),
    phone: account.phone ?? "未绑定手机号",
    since: day(account.createdAt),
  };
}

function bannerOf(): Banner | null {
  return heldBanner() ?? standingBanner() ?? applicationBanner();
}

/** Why this phone was signed out. */
function heldBanner(): Banner | null {
  const { hold } = auth;
  if (hold === null) return null;
  // Whoever logged out here by a tap of his own needs no telling; no server said that one.
  if (hold.code === "session_revoked" && hold.requestId === undefined) return null;
  const { title, message, notes } = faultOf(hold);
  if (hold.code === "account_erasing")
    return { title, message, notes, action: "撤销注销", path: paths.restore };
  return { title, message, notes: [], action: "重新登录", path: paths.login };
}

/** What a login was refused for. */
function standingBanner(): Banner | null {
  const standing = standingFault();
  return standing === null ? null : { ...standing, action: "查看", path: null };
}

function applicationBanner(): Banner | null {
  if (auth.isSignedIn || auth.application === null) return null;
  const title = APPLICATIONS[auth.application.status];
  return { title, message: "", notes: [], action: "查看", path: paths.registerStatus };
}
