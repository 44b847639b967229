import type { AuthError } from "./errors";
import { isPast } from "./expiry";

/** After a server has refused for good, nobody asks it again silently for a while. */
export interface Cooling {
  at: number;
  life: number;
  strikes: number;
  why: AuthError;
}

/** The pause after one more refusal, in seconds: what the server asked for; else a minute, or one
 * second where it was not reached, and twice as long each time, up to ten minutes. */
export const cooled = (why: AuthError, strikes: number, at: number): Cooling => ({
  at,
  life: why.retryAfter || Math.min(600, (why.status ? 60 : 1) * 2 ** strikes),
  strikes: strikes + 1,
  why,
});

/** A clock that was set back ends the pause: it must lock nobody out for a year. */
export const isCool = (cooling: Cooling, now: number): boolean =>
  now >= cooling.at && !isPast(cooling, now);
