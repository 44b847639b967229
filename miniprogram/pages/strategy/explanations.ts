import type { Strategy } from "../../config";

interface Explanation {
  strategy: Strategy;
  name: string;
  how: string[];
}

/** What each strategy does, step by step, in the order it happens. */
export const explanations: readonly Explanation[] = [
  {
    strategy: "server",
    name: "服务器定期限",
    how: [
      "登录时服务器给出两个期限：总有效期，和闲置有效期。",
      "每次请求都带着登录凭证，由服务器判断；使用会顺延闲置期限。",
      "凭证过期时，SDK 静默登录一次，再重发刚才的请求，你看不到停顿。",
      "被踢下线或在别处退出时，不会静默登录，直到你点一下登录。",
    ],
  },
  {
    strategy: "checkSession",
    name: "跟随微信登录态",
    how: [
      "每次启动后的第一个请求之前，调用一次 wx.checkSession。",
      "微信登录态有效：继续用手机上保存的凭证。",
      "微信登录态失效：先问服务器这次登录是不是被人结束的；不是，才重新登录。",
      "其余与“服务器定期限”相同：服务器说过期，就是过期。",
    ],
  },
];
