import type { Action } from "./types";

type Row = [code: RegExp, action: Action, title: string];

/** What each refusal asks of us, and what to call it where the server does not say. Every byte of
 * this is on every phone: the names of http-api and ours, as far as they tell one from another. */
const TABLE: Row[] = [
  [/^session_[mie]/, "again", "未登录"],
  [/^session_re[vp]/, "ask", "未登录"],
  [/^code_[iu]/, "new_code", ""],
  [/_denied|_stale|^phone_code/, "new_tap", "没有取得手机号"],
  [/^(net|time|login_f)/, "wait", "网络不通"],
];

export const rowOf = (code: unknown, status: number): Row =>
  TABLE.find((row) => row[0].test(code as string)) || [
    /./,
    status > 500 || status === 429 ? "wait" : "stop",
    "暂时无法使用",
  ];
