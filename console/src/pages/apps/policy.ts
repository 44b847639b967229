/** What the two dialogs of an app let one write, and what of it is sent. */

import type { App, AppPolicy, PhoneConflict, Registration } from "@/api/types";

export const REGISTRATIONS: Registration[] = ["auto", "required", "closed"];
export const PHONE_CONFLICTS: PhoneConflict[] = ["reject", "join"];

export interface PolicyDraft {
  registration: Registration;
  phoneConflict: PhoneConflict;
  pushToken: string;
  encodingAesKey: string;
  /** One a line. */
  origins: string;
}

export function draftOf(app?: App): PolicyDraft {
  return {
    registration: app?.registration ?? "auto",
    phoneConflict: app?.phone_conflict ?? "reject",
    pushToken: "",
    encodingAesKey: "",
    origins: app?.cors_origins.join("\n") ?? "",
  };
}

/** Secrets left empty are not sent: they stay as they are, for nobody can read them back. */
export function policyOf(draft: PolicyDraft): AppPolicy {
  const pushToken = draft.pushToken.trim();
  const encodingAesKey = draft.encodingAesKey.trim();
  return {
    registration: draft.registration,
    phone_conflict: draft.phoneConflict,
    cors_origins: draft.origins.split(/[\s,]+/).filter(Boolean),
    ...(pushToken ? { push_token: pushToken } : {}),
    ...(encodingAesKey ? { encoding_aes_key: encodingAesKey } : {}),
  };
}

/** WeChat's own shape of an EncodingAESKey: 43 letters and digits. */
export function isAesKey(text: string): boolean {
  return text.trim() === "" || /^[A-Za-z0-9]{43}$/.test(text.trim());
}
