import type { MinWx, PrivacyWx } from "../wx";

/** `uni` of uni-app as the SDK's `wx`, on the platform mp-weixin. There uni passes on what it does
 * not know itself; only a login wants to be told whose. */
export const fromUni = (uni: object): MinWx & PrivacyWx => {
  const wx = Object.create(uni) as MinWx & PrivacyWx;
  wx.login = (options) => (uni as MinWx).login(Object.assign({}, options, { provider: "weixin" }));
  return wx;
};
