import type { Cooling } from "./cooling";
import type { Listener } from "./events";
import type { Kept } from "./keeping";
import type { Queue } from "./queue";
import type { AuthOptions } from "./types";
import type { MinWx } from "./wx";

/** All that one `createAuth` knows. What does something with it is a function beside. */
export interface App {
  wx: MinWx;
  options: AuthOptions;
  ownAppId: string;
  /** The server's address, without a slash at its end. */
  base: string;
  queue: Queue;
  /** One `wx.login` at a time, whatever its code is for. */
  turn: Queue;
  /** What lies in storage, and under which name. */
  kept: Kept;
  place: string;
  listeners: Set<Listener>;
  /** The login in the air. */
  flight?: (Promise<unknown> & { door: string }) | undefined;
  cooling?: Cooling | undefined;
  /** How many codes were asked of `wx.login`. */
  codes: number;
  /** The ticket of the last `registration_required`. */
  lastTicket?: string | undefined;
  /** `wx.checkSession` was asked in this life of the app, or needs not be. */
  checking?: Promise<unknown> | true;
}
