/** What is wrong with what a person typed, said to that person; `null` where nothing is. */

const MIN_PASSWORD = 8;
const MAX_PASSWORD = 128;
const MAX_NICKNAME = 32;
const MAX_LINE = 128;

export const PASSWORD_RULES = [
  `至少 ${MIN_PASSWORD} 个字符，长比复杂更安全`,
  "不要用常见密码，不要包含用户名、昵称或手机号",
  "修改成功后，其他设备需要重新登录",
];

export function phoneFault(text: string): string | null {
  if (text.trim() === "") return "请输入手机号";
  return /^1\d{10}$/.test(text.trim()) ? null : "手机号为 11 位数字";
}

export function verificationCodeFault(text: string): string | null {
  if (text.trim() === "") return "请输入短信验证码";
  return /^\d{6}$/.test(text.trim()) ? null : "验证码为 6 位数字";
}

export function passwordFault(password: string, again: string): string | null {
  const length = Array.from(password.normalize("NFC")).length;
  if (length < MIN_PASSWORD) return `密码至少 ${MIN_PASSWORD} 个字符，现在是 ${length} 个`;
  if (length > MAX_PASSWORD) return `密码至多 ${MAX_PASSWORD} 个字符`;
  return password === again ? null : "两次输入的密码不一致";
}

export function usernameFault(text: string): string | null {
  const name = text.trim();
  const length = Array.from(name).length;
  if (length < 2 || length > 64) return "用户名为 2 到 64 个字符";
  return phoneFault(name) === null ? "用户名不能是手机号" : null;
}

export function nicknameFault(text: string): string | null {
  const length = Array.from(text.trim()).length;
  if (length === 0) return "请输入昵称";
  return length > MAX_NICKNAME ? `昵称至多 ${MAX_NICKNAME} 个字符` : null;
}

export function lineFault(text: string, name: string): string | null {
  const length = Array.from(text.trim()).length;
  if (length === 0) return `请输入${name}`;
  return length > MAX_LINE ? `${name}至多 ${MAX_LINE} 个字符` : null;
}

export function firstFault(...faults: (string | null)[]): string | null {
  return faults.find((fault) => fault !== null) ?? null;
}
