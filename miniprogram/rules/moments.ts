/** Times and lengths of time in the words of a page. The runtime has no Intl. */

const SECOND = 1000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `2026-11-22 16:05` on this phone's clock; as it came where it is no time. */
export function moment(rfc3339: string): string {
  const date = new Date(rfc3339);
  return Number.isNaN(date.getTime())
    ? rfc3339
    : `${dayOf(date)} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-11-22`. */
export function day(rfc3339: string): string {
  return moment(rfc3339).slice(0, 10);
}

/** `刚刚`, `5 分钟前`, `3 小时前`, `2 天前`, then the day. A clock that runs behind the server's says `刚刚`. */
export function ago(rfc3339: string, now: number): string {
  const seconds = Math.floor((now - new Date(rfc3339).getTime()) / SECOND);
  if (Number.isNaN(seconds)) return rfc3339;
  if (seconds < MINUTE) return "刚刚";
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} 分钟前`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} 小时前`;
  return seconds < 30 * DAY ? `${Math.floor(seconds / DAY)} 天前` : day(rfc3339);
}

/** `29 天 23 小时`, `1 小时 5 分`, `4 分 10 秒`, `9 秒`; `已到期` from zero on. */
export function left(seconds: number): string {
  if (seconds <= 0) return "已到期";
  if (seconds >= DAY) return both(seconds, DAY, "天", HOUR, "小时");
  if (seconds >= HOUR) return both(seconds, HOUR, "小时", MINUTE, "分");
  return seconds >= MINUTE ? both(seconds, MINUTE, "分", 1, "秒") : `${Math.floor(seconds)} 秒`;
}

/** `16:05:09`. */
export function clock(now: number): string {
  const date = new Date(now);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function both(
  seconds: number,
  large: number,
  largeName: string,
  small: number,
  smallName: string,
): string {
  const rest = Math.floor((seconds % large) / small);
  const head = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
