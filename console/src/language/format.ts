/** Numbers and times as the operator reads them: in the browser's own time zone. */

import { language } from "@/session/preferences";

export type TimeShape = "minute" | "second" | "day" | "axis-hour" | "axis-day";

const SHAPES: Record<TimeShape, Intl.DateTimeFormatOptions> = {
  minute: { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  second: {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  },
  day: { year: "numeric", month: "2-digit", day: "2-digit" },
  "axis-hour": { hour: "2-digit", minute: "2-digit" },
  "axis-day": { month: "2-digit", day: "2-digit" },
};

const locale = () => (language.value === "zh" ? "zh-CN" : "en-GB");

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(shape: TimeShape): Intl.DateTimeFormat {
  const key = `${locale()} ${shape}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale(), { ...SHAPES[shape], hourCycle: "h23" });
  formats.set(key, made);
  return made;
}

export function formatTime(at: string | number | Date, shape: TimeShape = "minute"): string {
  return formatOf(shape).format(new Date(at));
}

/** For a title: the same moment in UTC, to the second, free of any language. */
export function formatUtc(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** At most four characters for an axis: 12000 is 1.2万 in Chinese and 12K in English. */
export function formatCompact(value: number): string {
  return new Intl.NumberFormat(locale(), {
    notation: "compact",
    maximumFractionDigits: 1,
  }).format(value);
}

/** `m:ss` of a duration in milliseconds, rounded up so that it never shows 0:00 too early. */
export function formatCountdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How long ago in one unit ("3 分钟前"), for what is seldom older than a month. */
export function formatAgo(at: string, now: number): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  const size = Math.abs(seconds);
  if (size < 60) return words.format(0, "minute");
  if (size < 3600) return words.format(Math.trunc(seconds / 60), "minute");
  if (size < 86_400) return words.format(Math.trunc(seconds / 3600), "hour");
  return words.format(Math.trunc(seconds / 86_400), "day");
}
