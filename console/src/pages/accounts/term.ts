/** For how long an account is disabled. */

export const TERMS = ["1d", "7d", "30d", "lifted", "chosen"] as const;
export type Term = (typeof TERMS)[number];

const DAYS: Partial<Record<Term, number>> = { "1d": 1, "7d": 7, "30d": 30 };

/** The end as RFC 3339 in UTC; null until somebody lifts it. `chosen` is local browser time. */
export function untilOf(term: Term, chosen: string, now: Date): string | null {
  if (term === "lifted") return null;
  const days = DAYS[term];
  const end = days === undefined ? new Date(chosen) : new Date(now.getTime() + days * 86_400_000);
  return `${end.toISOString().slice(0, 19)}Z`;
}
