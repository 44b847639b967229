/** What each role may do. The server refuses all the same; here it decides only what is shown. */

import type { Role } from "@/api/types";

export const ACTS = [
  "accounts:disable",
  "accounts:end-sessions",
  "accounts:reveal-phone",
  "accounts:merge",
  "accounts:erase",
  "applications:decide",
  "apps:change",
  "service-keys",
  "operators",
  "audit:export",
] as const;
export type Act = (typeof ACTS)[number];

const SUPPORT: ReadonlySet<Act> = new Set([
  "accounts:disable",
  "accounts:end-sessions",
  "accounts:reveal-phone",
  "accounts:merge",
  "applications:decide",
]);

export function mayRole(role: Role | undefined, act: Act): boolean {
  if (role === "admin") return true;
  return role === "support" && SUPPORT.has(act);
}
