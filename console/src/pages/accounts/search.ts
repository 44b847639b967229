/** What was last searched for. In memory and not in the address: it may be a phone number. */

import { reactive } from "vue";
import type { AccountStatus } from "@/api/types";
import { signedIn } from "@/session/signedIn";

export const STATUSES: AccountStatus[] = ["active", "pending", "rejected", "disabled", "erasing"];

export const lastSearch = reactive<{ by: string | null; q: string; status: AccountStatus | "" }>({
  by: null,
  q: "",
  status: "",
});

/** The next operator at this browser does not see what the one before searched for. */
export function forOperator(): typeof lastSearch {
  const by = signedIn.operator?.id ?? null;
  if (lastSearch.by !== by) Object.assign(lastSearch, { by, q: "", status: "" });
  return lastSearch;
}
