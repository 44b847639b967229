import type { Call } from "./call";
import type { Account, MergePreview } from "./types";

/** Which account stays, which goes into it, and the support code that each side read out. */
export interface Merge {
  keep_account_id: string;
  drop_account_id: string;
  keep_code: string;
  drop_code: string;
}

export function mergesApi(call: Call) {
  return {
    preview: (keep_account_id: string, drop_account_id: string) =>
      call<MergePreview>("/merges/preview", {
        method: "POST",
        body: { keep_account_id, drop_account_id },
      }),
    merge: (merge: Merge, reason: string) =>
      call<Account>("/merges", { method: "POST", body: { ...merge, reason } }),
  };
}
