/** A mini program that uses the package as its users do; compiled against each generation of the
 * official typings. It is never run. */
import {
  type Account,
  AuthError,
  createAuth,
  type MinWx,
  type PrivacyWx,
  privacyConsent,
} from "../../copy-paste/wxlogin";

const typed: MinWx & PrivacyWx = wx;
const auth = createAuth({
  wx,
  baseURL: { develop: "http://127.0.0.1:8000", release: "https://login.example.com" },
  strategy: "checkSession",
  context: () => ({ scene: 1001 }),
});
createAuth({ baseURL: "https://login.example.com", wx: typed, device: { name: "Mate 60" } });

Page({
  data: { account: null as Account | null, count: 0 },

  async onPhone(event: WechatMiniprogram.ButtonGetPhoneNumber) {
    const { account, isNewAccount } = await auth.loginByPhone(event);
    await auth.bindPhone(event.detail);
    this.setData({ account });
    return isNewAccount;
  },

  async onAvatar(event: WechatMiniprogram.CustomEvent<{ avatarUrl: string }>) {
    const { avatarUrl } = await auth.uploadAvatar(event.detail.avatarUrl);
    return avatarUrl;
  },

  async onShow() {
    const off = auth.on("signedOut", ({ reason, device, action }) => {
      wx.showToast({ title: `${reason ?? device?.name ?? action}` });
    });
    const { data, statusCode } = await auth.request<{ items: string[] }>({
      url: "/orders",
      method: "POST",
      data: { page: 1 },
      enableHttp2: true,
      onTask: (task) => task.abort(),
    });
    const socket = await auth.connectSocket({ url: "/live", auth: "optional" });
    socket.onMessage((message) => socket.send({ data: message.data }));
    const file = await auth.downloadFile({ url: "https://login.example.com/f" });
    await auth.uploadFile({ url: "/f", filePath: file.tempFilePath, name: "file" });
    await auth.callContainer({ path: "/f", config: { env: "prod-1" } });
    off();
    this.setData({ count: data.items.length + statusCode });
  },

  async onSubmit(username: string, password: string | undefined) {
    try {
      await auth.registerMobile({ username, password });
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      wx.showModal({ title: error.title, content: error.message });
    }
  },
});

const old = (options: WechatMiniprogram.RequestOption) =>
  new Promise<WechatMiniprogram.RequestSuccessCallbackResult>((success, fail) => {
    wx.request({ ...options, success, fail });
  });
export const request = auth.wrap(old, { signedOut: (answer) => answer.statusCode === 401 });
request({ url: "/orders", auth: "optional" }).then(({ statusCode }) => statusCode + 1);

export const stop = privacyConsent({ wx }).onAsk(({ referrer, agree, disagree }) => {
  if (referrer) agree("button");
  else disagree();
});

// @ts-expect-error the token never comes out
auth.token;
// @ts-expect-error wx.request has no PATCH
auth.request({ url: "/a", method: "PATCH" });
// @ts-expect-error there is no such strategy
createAuth({ baseURL: "https://login.example.com", strategy: "always" });
