import type { App } from "./app";
import { assign } from "./assign";
import { AuthError } from "./errors";
import { emit } from "./events";
import { isPast } from "./expiry";
import { save } from "./keeping";
import type { Account, LoginResult } from "./types";
import type { Token } from "./wire";

export type How = "silent" | "tap";
export type Entered = LoginResult & { token?: string };

/** Whether a login without a tap may be made, and would lead to the same person. */
export const maySilently = ({ options, kept }: App): unknown =>
  options.silentLogin !== false && (!kept.token || kept.byWeChat);

/** The token, if it is worth sending. */
export const usable = (app: App): Token =>
  maySilently(app) && isPast(app.kept) ? undefined : app.kept.token;

/** Steps 7 and 8: the server has let this phone in. The token stays in here. */
export const enter = (app: App, entered: Entered, how: How, byWeChat: boolean): LoginResult => {
  const { kept } = app;
  const { token, account, isNewAccount, expiresIn } = entered;
  if (!token || !account) throw new AuthError("http_error", 502);
  delete entered.token;
  if (how === "silent" && !isSame(app, account)) {
    // Another person's WeChat is on this phone now: nobody is to wake up in a foreign account.
    leave(app, new AuthError("session_revoked", 401, { reason: "account_changed" }));
    throw kept.hold;
  }
  app.checking = true;
  app.lastTicket = undefined;
  assign(kept, {
    token,
    account,
    at: Date.now(),
    // Whatever the server says, a token is good for a minute: no login for every request.
    life: Math.max(expiresIn || 0, 60),
    byWeChat: byWeChat || account.identities.some((each) => each.appId === app.ownAppId),
    hold: null,
  });
  save(app);
  emit(app, "signedIn", { account, isNewAccount, how });
  return entered;
};

/** Whether `account` is still the one that is signed in, or nobody was. */
export const isSame = ({ kept }: App, account: Account | null): boolean =>
  !account || account.id === (kept.account || account).id;

/** What the server said of `token`, if that is still the one that is held. */
export const heed = (app: App, token: string, end: AuthError): void => {
  const { kept } = app;
  if (token !== kept.token) return;
  if (end.action === "again" && maySilently(app)) kept.life = 0;
  else leave(app, assign(end, { action: "ask" as const }));
};

/** Signs out, and stays out until a tap unless `isHeld` is false. */
export const leave = (
  app: App,
  why: AuthError,
  error: AuthError | null = why,
  isHeld = true,
): void => {
  const { kept } = app;
  if (kept.token) emit(app, "signedOut", assign({}, why, { error }));
  kept.token = kept.account = null;
  if (isHeld) kept.hold = why;
  save(app);
};
