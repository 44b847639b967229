import type { Application } from "wxlogin";
import { load } from "../../acting";
import { auth } from "../../auth";
import { goBack } from "../../navigation";
import { standingFault } from "../../reactions";
import type { Fault, StateKind } from "../../rules/faults";
import { paths } from "../../rules/paths";

interface Shown {
  kind: StateKind;
  title: string;
  message: string;
  notes: { name: string; value: string }[];
  action: string;
}

Page({
  data: { shown: null as Shown | null, status: "", loading: true, loadFault: null as Fault | null },

  onShow() {
    return this.ask();
  },

  async onPullDownRefresh() {
    await this.ask();
    wx.stopPullDownRefresh();
  },

  async ask() {
    // An application made on another phone is known by the refused login alone.
    if (auth.application === null) return this.showStanding();
    await load(this, async () => this.showApplication(await auth.refreshApplication()));
  },

  showApplication(application: Application) {
    this.setData({ status: application.status, shown: shownOf(application) });
  },

  showStanding() {
    const fault = standingFault();
    const isRejected = fault?.code === "account_rejected";
    const status = fault === null ? "" : isRejected ? "rejected" : "pending";
    const shown = fault === null ? null : { ...fault, action: isRejected ? "重新申请" : "返回" };
    this.setData({ loading: false, status, shown });
  },

  act() {
    if (this.data.status === "approved") wx.redirectTo({ url: paths.login });
    else if (this.data.status === "rejected") wx.redirectTo({ url: paths.registerEnterprise });
    else if (auth.application !== null) return this.ask();
    else goBack();
  },

  apply() {
    wx.redirectTo({ url: paths.registerEnterprise });
  },
});

function shownOf(application: Application): Shown {
  if (application.status === "approved") {
    return {
      kind: "done",
      title: "审核已通过",
      message: "现在可以用微信、手机号或用户名登录了。",
      notes: [],
      action: "去登录",
    };
  }
  if (application.status === "rejected") {
    const notes = application.reason ? [{ name: "原因", value: application.reason }] : [];
    return {
      kind: "stopped",
      title: "申请未通过",
      message: "可以用另一个手机号和用户名重新申请；要用原来的，请先联系客服。",
      notes,
      action: "重新申请",
    };
  }
  return {
    kind: "waiting",
    title: "审核中",
    message: "申请已提交，工作人员正在审核。你可以稍后回到这里查看结果。",
    notes: [],
    action: "刷新",
  };
}
