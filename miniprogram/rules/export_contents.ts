export interface Part {
  name: string;
  count: string;
}

const NAMES: Record<string, string> = {
  account: "账号资料",
  identities: "微信身份",
  agreements: "同意过的协议",
  sessions: "登录会话",
  logins: "登录记录",
  applications: "企业申请",
  avatars: "头像图片",
  history: "账号的变更记录",
  events: "待通知业务的事件",
};

/** What stands in an export, as a list a person can read before he keeps the file. */
export function contentsOf(exported: unknown): Part[] {
  if (typeof exported !== "object" || exported === null) return [];
  const kept = exported as Record<string, unknown>;
  return Object.entries(NAMES)
    .filter(([key]) => key in kept)
    .map(([key, name]) => {
      const value = kept[key];
      return { name, count: Array.isArray(value) ? `${value.length} 项` : "1 项" };
    });
}
