/** What a team changes first when it takes these pages over. */

export type Way = "wechat" | "phone" | "password" | "sms";
export type Strategy = "server" | "checkSession";

export const STRATEGY_KEY = "wxlogin-demo-strategy";

export interface Agreement {
  id: "terms" | "privacy";
  /** Raise it when the text changes: everybody is asked again at the next login. */
  version: string;
  name: string;
}

export const config = {
  appName: "微信登录",
  slogan: "一次点击，安全登录",
  /** By the version of the mini program. The release's host must be a "request 合法域名". */
  baseURLs: {
    develop: "http://127.0.0.1:8000",
    trial: "https://login.example.com",
    release: "https://login.example.com",
  },
  strategy: chosenStrategy(),
  /** Which ways the login page offers, in this order. */
  ways: ["wechat", "phone", "password", "sms"] as readonly Way[],
  /** Whether the pages link to the enterprise's registration. */
  takesEnterprises: true,
  agreements: [
    { id: "terms", version: "2026-11", name: "用户协议" },
    { id: "privacy", version: "2026-11", name: "隐私政策" },
  ] as readonly Agreement[],
  company: "示例科技有限公司",
  servicePhone: "400-000-0000",
};

export function baseURL(): string {
  return config.baseURLs[envVersion()];
}

/** In a developer's hands the strategy may be switched at run time, to see both; see pages/strategy. */
function chosenStrategy(): Strategy {
  if (envVersion() !== "develop") return "server";
  return wx.getStorageSync(STRATEGY_KEY) === "checkSession" ? "checkSession" : "server";
}

function envVersion(): "develop" | "trial" | "release" {
  return wx.getAccountInfoSync().miniProgram.envVersion;
}
