import { auth } from "./auth";
import { hasConsented } from "./consent";
import { followAuth } from "./reactions";

export interface LoginApp {
  /** Settles when the first look for an account is over; it rejects where the server was not reached. */
  started: Promise<unknown>;
}

App<LoginApp>({
  started: Promise.resolve(),

  onLaunch() {
    followAuth();
    // Nobody gets an account by opening the mini program: the first login is a tap, with consent.
    // Nor does an enterprise whose application waits get a second one, of its WeChat.
    if (!auth.isSignedIn && (!hasConsented() || isWaiting())) return;
    this.started = auth.start();
    // The home page shows it; other pages that are opened first ask for themselves.
    this.started.catch(() => undefined);
  },
});

function isWaiting(): boolean {
  return auth.application !== null && auth.application.status !== "approved";
}
