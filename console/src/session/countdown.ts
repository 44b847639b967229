/** When the operator's session ends, told from the last answer. Times are milliseconds. */

export const WARNING_MS = 120_000;

export interface Limits {
  /** The idle limit counted from `heardAt`. */
  idleMs: number;
  /** When the session ends however busy it is. */
  endsAt: number;
  /** When the server last answered any tab of this browser. */
  heardAt: number;
}

export interface Remaining {
  ms: number;
  /** Whether using the console would lengthen it: not where the absolute limit comes first. */
  mayExtend: boolean;
}

export function limitsFrom(expiresIn: number, idleExpiresIn: number, now: number): Limits {
  return { idleMs: idleExpiresIn * 1000, endsAt: now + expiresIn * 1000, heardAt: now };
}

export function remaining(limits: Limits, now: number): Remaining {
  const idleEnd = limits.heardAt + limits.idleMs;
  const mayExtend = idleEnd < limits.endsAt;
  return { ms: Math.max(0, Math.min(idleEnd, limits.endsAt) - now), mayExtend };
}

export function isEndNear(left: Remaining): boolean {
  return left.ms <= WARNING_MS;
}
