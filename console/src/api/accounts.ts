import type { Call } from "./call";
import type { Account, AccountDetail, AccountItem, AccountStatus, Page } from "./types";

export interface AccountSearch {
  q: string;
  status?: AccountStatus;
  cursor?: string;
}

export interface Disabling {
  until: string | null;
  reason_for_user?: string;
}

export function accountsApi(call: Call) {
  const act = <Answer>(id: string, verb: string, body: object) =>
    call<Answer>(`/accounts/${encodeURIComponent(id)}/${verb}`, { method: "POST", body });
  return {
    /** In the body, never in an address: what is searched for may be a phone number. */
    search: (search: AccountSearch) =>
      call<Page<AccountItem>>("/accounts/search", { method: "POST", body: search }),
    get: (id: string) => call<AccountDetail>(`/accounts/${encodeURIComponent(id)}`),
    revealPhone: (id: string, reason: string) =>
      act<{ phone: string }>(id, "reveal-phone", { reason }),
    disable: (id: string, disabling: Disabling, reason: string) =>
      act<Account>(id, "disable", { ...disabling, reason }),
    enable: (id: string, reason: string) => act<Account>(id, "enable", { reason }),
    endSession: (id: string, session_id: string, reason: string) =>
      act<{ ended: number }>(id, "end-sessions", { session_id, reason }),
    endAllSessions: (id: string, reason: string) =>
      act<{ ended: number }>(id, "end-sessions", { reason }),
    erase: (id: string, now: boolean, reason: string) =>
      act<{ erase_at: string }>(id, "erase", { now, reason }),
    restore: (id: string, reason: string) => act<Account>(id, "restore", { reason }),
  };
}
