/** The filter as it stands in the fields, and as the API takes it. */

import type { AuditFilter } from "@/api/types";

/** `from` and `to` are local days, `YYYY-MM-DD`, both included; empty means open. */
export interface FilterDraft {
  kind: string;
  actor: string;
  accountId: string;
  from: string;
  to: string;
}

export const NO_FILTER: FilterDraft = { kind: "", actor: "", accountId: "", from: "", to: "" };

export function filterOf(draft: FilterDraft): AuditFilter {
  const asked = {
    kind: draft.kind,
    actor: draft.actor.trim(),
    account_id: draft.accountId.trim(),
    from: draft.from ? startOfDay(draft.from, 0) : "",
    to: draft.to ? startOfDay(draft.to, 1) : "",
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ""));
}

/** Midnight of the browser's own zone, `daysLater` days after, in UTC. */
function startOfDay(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return `${new Date(year, month - 1, date + daysLater).toISOString().slice(0, 19)}Z`;
}
