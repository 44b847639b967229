/** Who is signed in, until when, and why the last session ended. Kept in memory alone. */

import { computed, reactive } from "vue";
import type { Operator, SignedIn } from "@/api/types";
import { limitsFrom, type Limits } from "./countdown";
import { mayRole, type Act } from "./roles";

interface State {
  operator: Operator | null;
  limits: Limits | null;
  /** The code of the 401 that ended the last session, for the sign-in page. */
  endedBy: string | null;
}

export const signedIn = reactive<State>({ operator: null, limits: null, endedBy: null });

export function begin(answer: SignedIn, now: number): void {
  signedIn.operator = answer.operator;
  signedIn.limits = limitsFrom(answer.expires_in, answer.idle_expires_in, now);
  signedIn.endedBy = null;
}

/** `code` of the 401, null where the operator signed out. Who just opened the page has lost nothing. */
export function end(code: string | null): void {
  const hadNone = signedIn.operator === null && code === "session_missing";
  signedIn.operator = null;
  signedIn.limits = null;
  signedIn.endedBy = hadNone ? signedIn.endedBy : code;
}

/** The server answered this tab or another one of this browser: the idle time starts anew. */
export function heard(now: number): void {
  if (signedIn.limits) signedIn.limits.heardAt = Math.max(signedIn.limits.heardAt, now);
}

export function may(act: Act): boolean {
  return mayRole(signedIn.operator?.role, act);
}

export const isSignedIn = computed(() => signedIn.operator !== null);
