/** Reads the options a mini program gives, and complains in WeChat's words where one is of the wrong type. */

import { type Given, WxFailure } from "./calling";

export function textOf(options: Given, name: string): string {
  const value = options[name];
  if (typeof value !== "string") throw wrongType(name, "String", value);
  return value;
}

export function textOr(options: Given, name: string, fallback: string): string {
  return options[name] === undefined ? fallback : textOf(options, name);
}

export function numberOr(options: Given, name: string, fallback: number): number {
  const value = options[name];
  if (value === undefined) return fallback;
  if (typeof value !== "number" || Number.isNaN(value)) throw wrongType(name, "Number", value);
  return value;
}

export function recordOr(options: Given, name: string): Record<string, unknown> {
  const value = options[name] ?? {};
  if (!isRecord(value)) throw wrongType(name, "Object", value);
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrongType(name: string, wanted: string, value: unknown): WxFailure {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return new WxFailure(
    `parameter error: parameter.${name} should be ${wanted} instead of ${kind};`,
  );
}
