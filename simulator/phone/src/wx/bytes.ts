/** Bytes as text and back: `base64`, `hex`, `utf8`. */

import { type Wx, WxFailure } from "./calling";

type Bytes = Uint8Array<ArrayBuffer>;

export const bytesFunctions: Wx = {
  base64ToArrayBuffer: (text: string) => fromBase64(text).buffer,
  arrayBufferToBase64: (buffer: ArrayBuffer) => toBase64(new Uint8Array(buffer)),
};

/** By its name: a mini program in another frame, or a test, has an ArrayBuffer of its own. */
export function isBuffer(data: unknown): data is ArrayBuffer {
  return Object.prototype.toString.call(data) === "[object ArrayBuffer]";
}

export function bytesOf(data: unknown, encoding: string): Bytes {
  if (isBuffer(data)) return new Uint8Array(data.slice(0));
  if (typeof data !== "string") throw new WxFailure("data must be a string or ArrayBuffer");
  switch (encoding) {
    case "utf8":
    case "utf-8":
      return new TextEncoder().encode(data);
    case "base64":
      return fromBase64(data);
    case "hex":
      return Uint8Array.from(data.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    default:
      throw new WxFailure(`invalid encoding "${encoding}"`);
  }
}

/** Without an encoding the bytes themselves, as WeChat gives them. */
export function encoded(bytes: Bytes, encoding: string): string | ArrayBuffer {
  switch (encoding) {
    case "":
      return bytes.buffer;
    case "utf8":
    case "utf-8":
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    case "base64":
      return toBase64(bytes);
    case "hex":
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    default:
      throw new WxFailure(`invalid encoding "${encoding}"`);
  }
}

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
