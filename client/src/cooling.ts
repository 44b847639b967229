import type { App } from "./app";
import type { AuthError } from "./errors";
import { isPast } from "./expiry";

/** After a server has refused for good, nobody asks it again silently for a while. */
export interface Cooling {
  at: number;
  life: number;
  why: AuthError;
}

/** A clock that was set back ends the pause: it must lock nobody out for a year. */
export const isCool = (cooling?: Cooling): boolean =>
  !!cooling && Date.now() >= cooling.at && !isPast(cooling);

/** No silent login for a while: the server refuses, or takes not even a fresh token. In seconds: what
 * it asked for; else a minute, or one second where it was not reached, and twice as long each time,
 * up to ten minutes. */
export const cool = (app: App, why: AuthError): void => {
  const { cooling } = app;
  if (isCool(cooling)) return;
  const doubled = cooling ? cooling.life * 2 : 0;
  const life = why.retryAfter || Math.min(600, Math.max(doubled, why.status > 399 ? 60 : 1));
  app.cooling = { at: Date.now(), life, why };
};
