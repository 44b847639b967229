import { vi } from "vitest";
import { type Auth, type AuthEvents, type AuthOptions, createAuth, type MinWx } from "../src/index";
import { FakeServer } from "./fake_server";
import { FakeWx } from "./fake_wx";

export interface Life {
  auth: Auth;
  wx: FakeWx;
  server: FakeServer;
  heard: { [E in keyof AuthEvents]: AuthEvents[E][] };
}

/** One life of an app: made anew on the same phone it is a restart. */
export const live = (
  options: Partial<AuthOptions> = {},
  wx: FakeWx = new FakeWx(new FakeServer()),
): Life => {
  const auth = createAuth({
    baseURL: "https://login.example.com",
    wx: wx as unknown as MinWx,
    ...options,
  });
  const heard: Life["heard"] = {
    signedIn: [],
    signedOut: [],
    registrationRequired: [],
    pending: [],
    phoneRequired: [],
  };
  for (const event of Object.keys(heard) as (keyof AuthEvents)[]) {
    auth.on(event, (fact) => heard[event].push(fact as never));
  }
  return { auth, wx, server: wx.server, heard };
};

/** Lets the virtual time pass that `promise` needs. */
export const within = async <R>(promise: Promise<R>, milliseconds = 100): Promise<R> => {
  promise.catch(() => {});
  await vi.advanceTimersByTimeAsync(milliseconds);
  return promise;
};

/** What `promise` rejected with. */
export const failure = async (promise: Promise<unknown>, milliseconds = 100): Promise<never> => {
  const outcome = await within(
    promise.then(
      () => {
        throw new Error("should have been refused");
      },
      (why) => ({ why }),
    ),
    milliseconds,
  );
  return (outcome as { why: never }).why;
};

export const times = <R>(count: number, make: (index: number) => R): R[] =>
  Array.from({ length: count }, (_, index) => make(index));
