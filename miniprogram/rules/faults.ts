import { AuthError } from "wxlogin";
import { left, moment } from "./moments";

/** How a state looks; each has its picture in components/state-view. */
export type StateKind =
  "loading" | "empty" | "error" | "offline" | "busy" | "stopped" | "waiting" | "done" | "device";

/** An error as a page shows it: plain data, so that it may stand in `data`. */
export interface Fault {
  code: string;
  kind: StateKind;
  title: string;
  message: string;
  notes: { name: string; value: string }[];
}

/** The note that says when a closed account will be gone. */
export const ERASE_AT = "删除时间";

const KINDS: Record<string, StateKind> = {
  network_error: "offline",
  timeout: "offline",
  rate_limited: "busy",
  wechat_unavailable: "busy",
  store_unavailable: "busy",
  account_pending: "waiting",
  account_erasing: "waiting",
  account_disabled: "stopped",
  account_rejected: "stopped",
  registration_closed: "stopped",
  wechat_blocked: "stopped",
  session_revoked: "device",
  session_replaced: "device",
};

const FIELDS: Record<string, string> = {
  phone: "手机号",
  verification_code: "验证码",
  username: "用户名",
  password: "密码",
  new_password: "新密码",
  nickname: "昵称",
  company_name: "企业名称",
  credit_code: "统一社会信用代码",
  contact_name: "联系人",
};

const WEAKNESSES: Record<string, string> = {
  too_long: "密码太长了",
  common: "这个密码很常见，容易被猜到",
  contains_name: "密码里不要包含用户名、昵称、手机号或企业名称",
};

/** Why somebody ended this phone's session. */
const REASONS: Record<string, string> = {
  kicked: "管理员已让这台设备退出登录。",
  logged_out: "你已在别处退出了这台设备的登录。",
  password_changed: "密码已修改，请重新登录。",
  password_reset: "密码已重设，请重新登录。",
  account_disabled: "账号已被停用。",
  identity_unlinked: "这个微信已与账号解绑。",
  merged: "账号已合并到你的另一个账号。",
};

/** Why WeChat's phone button gave no number; there is always another way in. */
const WITHOUT_PHONE: Record<string, string> = {
  phone_denied: "你没有允许使用手机号。可以再点一次，或换一种方式。",
  phone_no_quota: "手机号验证的次数已用完，请换一种方式。",
  phone_no_permission: "小程序没有手机号验证的权限，请换一种方式。",
  privacy_denied: "你没有同意隐私保护指引。可以再点一次，或换一种方式。",
};

export function faultOf(error: unknown): Fault {
  if (!(error instanceof AuthError)) {
    console.error(error);
    return typed("出错了，请稍后再试");
  }
  const { code, title } = error;
  return {
    code,
    kind: KINDS[code] ?? "error",
    title,
    message: messageOf(error),
    notes: notesOf(error),
  };
}

/** Something a person typed is not right yet. */
export function typed(message: string): Fault {
  return { code: "typed", kind: "error", title: message, message: "", notes: [] };
}

function messageOf(error: AuthError): string {
  const { data } = error;
  if (error.code === "password_weak") return weaknessOf(data);
  if (error.code === "request_invalid") return fieldsOf(data) ?? error.message;
  if (error.code === "session_revoked") return REASONS[text(data.reason)] ?? error.message;
  if (error.code === "session_replaced")
    return `你的账号已在${deviceOf(data)}登录，如果不是你本人操作，请尽快修改密码。`;
  const withoutPhone = WITHOUT_PHONE[error.code];
  if (withoutPhone !== undefined) return withoutPhone;
  // The SDK has logged in anew by then.
  if (error.code === "session_key_stale") return "登录已自动更新，请再点一次。";
  if (KINDS[error.code] === "offline") return "请检查网络，然后再试一次。";
  if (error.retryAfter !== undefined) return `请 ${left(error.retryAfter)}后再试。`;
  return error.message;
}

function weaknessOf(data: Record<string, unknown>): string {
  if (data.reason === "too_short") return `密码至少 ${String(data.minimum ?? 8)} 个字符`;
  return WEAKNESSES[String(data.reason)] ?? "请换一个密码";
}

function fieldsOf(data: Record<string, unknown>): string | null {
  if (!Array.isArray(data.errors)) return null;
  const names = data.errors
    .map((one: { field?: string }) => FIELDS[one.field ?? ""])
    .filter(Boolean);
  return names.length > 0 ? `请检查${names.join("、")}` : null;
}

function deviceOf(data: Record<string, unknown>): string {
  const device = data.device as { name?: string } | null | undefined;
  return device?.name ? `“${device.name}”` : "另一台设备";
}

function notesOf(error: AuthError): Fault["notes"] {
  const { data } = error;
  const notes = [
    {
      name: "停用至",
      value: error.code === "account_disabled" ? momentOr(data.until, "另行通知") : "",
    },
    { name: ERASE_AT, value: momentOr(data.eraseAt, "") },
    {
      name: "原因",
      value:
        text(data.reasonForUser) || (error.code === "account_rejected" ? text(data.reason) : ""),
    },
    { name: "请求编号", value: error.requestId ?? "" },
  ];
  return notes.filter((note) => note.value !== "");
}

function momentOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? moment(value) : otherwise;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
