/** `wx.setStorage` and its like, in the browser's storage, apart for each person and phone. */

import type { Tell } from "../host/ports";
import { type Calls, type Given, type Result, type Wx, WxFailure } from "./calling";
import { masked } from "./masking";
import { textOf } from "./parameters";

const KEY_LIMIT = 1024 * 1024;
const LIMIT_KB = 10 * 1024;

/** As it lies there: JSON alone would turn a date into a text. */
type Kept = { type: "date" | "value"; value?: unknown; encrypted?: true };

export class PhoneStorage {
  constructor(
    private readonly store: Storage,
    /** Distinguishes mini program, person and phone. */
    readonly prefix: string,
    private readonly tell: Tell,
  ) {}

  get(key: string, encrypted = false): { value: unknown } | undefined {
    const text = this.store.getItem(this.prefix + key);
    if (text === null) return undefined;
    const kept = JSON.parse(text) as Kept;
    if ((kept.encrypted ?? false) !== encrypted) return undefined;
    return { value: kept.type === "date" ? new Date(String(kept.value)) : kept.value };
  }

  set(key: string, value: unknown, encrypted = false): void {
    const kept: Kept = { type: value instanceof Date ? "date" : "value", value };
    const text = JSON.stringify(encrypted ? { ...kept, encrypted } : kept);
    if (text.length > KEY_LIMIT) throw new WxFailure("entry size limit reached");
    const before = this.store.getItem(this.prefix + key)?.length ?? 0;
    if (this.characters() - before + text.length > LIMIT_KB * 1024) throw full();
    try {
      this.store.setItem(this.prefix + key, text);
    } catch {
      // The browser's own limit is smaller.
      throw full();
    }
    this.tell({ kind: "storage", key, value: masked(value, key) });
  }

  remove(key: string): void {
    if (this.store.getItem(this.prefix + key) === null) return;
    this.store.removeItem(this.prefix + key);
    this.tell({ kind: "storage", key, value: null });
  }

  clear(): void {
    for (const key of this.keys()) this.remove(key);
  }

  info(): { keys: string[]; currentSize: number; limitSize: number } {
    const currentSize = Math.ceil(this.characters() / 1024);
    return { keys: this.keys(), currentSize, limitSize: LIMIT_KB };
  }

  private keys(): string[] {
    const keys: string[] = [];
    for (let index = 0; index < this.store.length; index += 1) {
      const key = this.store.key(index);
      if (key?.startsWith(this.prefix)) keys.push(key.slice(this.prefix.length));
    }
    return keys;
  }

  private characters(): number {
    let sum = 0;
    for (const key of this.keys()) sum += this.store.getItem(this.prefix + key)?.length ?? 0;
    return sum;
  }
}

export function storageFunctions(calls: Calls, storage: PhoneStorage): Wx {
  return {
    ...calls.define({
      getStorage: (o) => {
        const found = storage.get(keyOf(o), o.encrypt === true);
        if (!found) throw new WxFailure("data not found");
        return { data: found.value };
      },
      setStorage: (o) => storage.set(keyOf(o), o.data, o.encrypt === true),
      removeStorage: (o) => storage.remove(keyOf(o)),
      clearStorage: () => storage.clear(),
      getStorageInfo: () => storage.info(),
    }),
    // Reading what is not there is no error here, unlike `getStorage`.
    getStorageSync: (key: unknown) =>
      inOneGo("getStorage", () => {
        const found = storage.get(keyOf({ key }));
        return found ? found.value : "";
      }),
    setStorageSync: (key: unknown, data: unknown) =>
      inOneGo("setStorage", () => storage.set(keyOf({ key }), data)),
    removeStorageSync: (key: unknown) =>
      inOneGo("removeStorage", () => storage.remove(keyOf({ key }))),
    clearStorageSync: () => storage.clear(),
    getStorageInfoSync: (): Result => storage.info(),
  };
}

function keyOf(options: Given): string {
  const key = textOf(options, "key");
  if (key === "") throw new WxFailure("parameter error: parameter.key should not be empty;");
  return key;
}

function inOneGo<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw Object.assign(new Error(`${name}:fail ${reason}`), { errMsg: `${name}:fail ${reason}` });
  }
}

function full(): WxFailure {
  return new WxFailure("exceed storage max size 10Mb");
}
