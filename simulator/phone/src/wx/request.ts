/** `wx.request`. Any answer is a success, whatever its status; only the line itself can fail. */

import { isBuffer } from "./bytes";
import { type Given, type Wx, WxFailure } from "./calling";
import { type Exchanges, headerOf, parsed, type Received, type Sending } from "./exchange";
import { textOr } from "./parameters";

/** WeChat knows no PATCH; TRACE and CONNECT no browser sends. */
const METHODS = ["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE"];

export function requestFunctions(exchanges: Exchanges): Wx {
  return {
    request: (options: Given = {}) =>
      exchanges.start(
        "request",
        options,
        () => sendingOf(options),
        (response) => receivedOf(response, options),
      ),
  };
}

export function sendingOf(options: Given): Sending {
  const method = textOr(options, "method", "GET").toUpperCase();
  if (!METHODS.includes(method)) throw new WxFailure("method is invalid");
  const header = { "content-type": "application/json", ...headerOf(options) };
  const { data } = options;
  if (data === undefined || data === null) return { method, header };
  if (method === "GET" || method === "HEAD") {
    return { method, header, query: typeof data === "string" ? data : asQuery(data) };
  }
  if (isBuffer(data)) {
    return { method, header, body: data, shown: `ArrayBuffer(${data.byteLength})` };
  }
  if (typeof data === "string") return { method, header, body: data, shown: data };
  const isForm = header["content-type"].includes("application/x-www-form-urlencoded");
  return { method, header, body: isForm ? asQuery(data) : JSON.stringify(data), shown: data };
}

async function receivedOf(response: Response, options: Given): Promise<Received> {
  if (options.responseType === "arraybuffer") {
    const data = await response.arrayBuffer();
    return { result: { data }, shown: `ArrayBuffer(${data.byteLength})` };
  }
  const text = await response.text();
  const isJson = textOr(options, "dataType", "json") === "json";
  return { result: { data: isJson ? parsed(text) : text }, shown: parsed(text) };
}

function asQuery(data: unknown): string {
  return Object.entries(data as object)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(asText(value))}`)
    .join("&");
}

function asText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
