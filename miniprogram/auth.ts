import { createAuth, privacyConsent } from "wxlogin";
import { baseURL, config } from "./config";

/** The one login of this mini program: every page asks it, and no page calls wx.request itself. */
export const auth = createAuth({ baseURL: baseURL(), strategy: config.strategy });

export const privacy = privacyConsent();

/** What an `<image>` shows: a server without a public address of its own names pictures by path. */
export function avatarSource(avatarUrl: string | null): string {
  if (avatarUrl === null) return "";
  return avatarUrl.startsWith("/") ? baseURL() + avatarUrl : avatarUrl;
}
