export { createAuth } from "./auth";
export { AuthError } from "./errors";
export { type PrivacyAsk, type PrivacyConsent, privacyConsent } from "./privacy";
export type * from "./types";
export type { MinWx, PrivacyWx, WxCallbacks, WxFailure } from "./wx";
