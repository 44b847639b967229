/** Functions this phone does not have. */

import type { Wx } from "./calling";
import { isRecord } from "./parameters";

/**
 * Reading what is not there says so once, by name; it stays `undefined`, as mini programs ask
 * `if (wx.something)` before they use what only newer phones have.
 */
export function withUnknown(wx: Wx): Wx {
  const named = new Set<string>();
  return new Proxy(wx, {
    get(known, name) {
      if (typeof name === "string" && !(name in known) && !named.has(name)) {
        named.add(name);
        console.warn(`模拟手机没有 wx.${name} / this phone has no wx.${name}`);
      }
      return Reflect.get(known, name);
    },
  });
}

/** `wx.canIUse("request.object.timeout")`, `wx.canIUse("cloud.callContainer")`, `wx.canIUse("button")`. */
export function canIUse(wx: Wx, elements: readonly string[]): (schema: string) => boolean {
  return (schema) => {
    const [name = "", member] = schema.split(".");
    if (elements.includes(name)) return true;
    const known = Object.hasOwn(wx, name) ? wx[name] : undefined;
    // What follows a function are its options and results, which all are as of the library's version.
    if (!isRecord(known) || member === undefined) return known !== undefined;
    return member in known;
  };
}
