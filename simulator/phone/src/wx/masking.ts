/**
 * What is told outside of the phone goes to a page people look at together: codes and tokens are shortened,
 * passwords and keys are not shown at all.
 */

import { isRecord } from "./parameters";

const HIDDEN = /pass_?word|session_?key|secret|verification_?code|authorization|cookie/i;
const SHORTENED =
  /(^|_)code$|(^|[a-z])Code$|token|ticket|^signature$|encrypted_?data|^iv$|raw_?data|openid|unionid/i;
/** Codes that name a thing instead of opening one: errors, countries, companies. */
const NAMES = /^(country|credit|error?|status|err)_?code$/i;
const SYMBOL = /^[a-z]+(_[a-z]+)*$/;
const PHONE = /phone/i;
const DOTS = "●●●●";

export function masked(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => masked(one, key));
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, masked(one, name)]),
    );
  }
  if (typeof value === "string") return maskedText(value, key);
  return value !== undefined && value !== null && HIDDEN.test(key) ? DOTS : value;
}

export function maskedUrl(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  const query = new URLSearchParams(url.slice(start + 1));
  const shown = [...query].map(([name, value]) => `${name}=${maskedText(value, name)}`);
  return `${url.slice(0, start)}?${shown.join("&")}`;
}

export function maskedHeader(header: Record<string, string>): Record<string, string> {
  const shown = Object.entries(header).map(([name, value]) => [
    name,
    name.toLowerCase() === "authorization"
      ? `${value.split(" ")[0]} ${DOTS}`
      : String(masked(value, name)),
  ]);
  return Object.fromEntries(shown);
}

export function maskedPhone(phone: string): string {
  return phone.replace(/(\d{3})\d{4}(\d{4})$/, "$1****$2");
}

function maskedText(value: string, key: string): string {
  if (value === "") return value;
  if (HIDDEN.test(key)) return DOTS;
  if (PHONE.test(key)) return maskedPhone(value);
  if (SHORTENED.test(key) && !NAMES.test(key) && !SYMBOL.test(value))
    return `${value.slice(0, 6)}…`;
  return maskedJson(value) ?? value;
}

/** Many keep one text of JSON in storage, with everything in it. */
function maskedJson(value: string): string | undefined {
  if (!/^[[{]/.test(value)) return undefined;
  try {
    return JSON.stringify(masked(JSON.parse(value)));
  } catch {
    return undefined;
  }
}
