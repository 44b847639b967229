import { auth } from "./auth";
import { config } from "./config";

const KEY = "agreements";

/** Whether this person has said yes to the agreements as they read today. */
export function hasConsented(): boolean {
  return wx.getStorageSync(KEY) === versions();
}

/** Called by a tap on "agree" alone; every login and registration from now on says so to the server. */
export function giveConsent(): void {
  wx.setStorageSync(KEY, versions());
  auth.setAgreements(config.agreements.map(({ id, version }) => ({ id, version })));
}

function versions(): string {
  return config.agreements.map(({ id, version }) => `${id}@${version}`).join(" ");
}
