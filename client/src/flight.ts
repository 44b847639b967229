import type { App } from "./app";
import { assign } from "./assign";

/** Waits for whoever logs in right now, however that ends. */
export const settled = async ({ flight }: App): Promise<void> => {
  try {
    await flight;
  } catch {
    // Whose login it is hears why.
  }
};

/** One login at a time: several would rotate WeChat's session_key under one another, and each new
 * session of a phone ends the one before. At the `door` of the login in the air it is that one's
 * answer, at another it waits its turn. */
export const take = <R>(app: App, door: string, login: () => Promise<R>): Promise<R> => {
  const { flight } = app;
  if (flight && flight.door === door) return flight as unknown as Promise<R>;
  const mine = assign(settled(app).then(login), { door });
  const land = () => {
    if (app.flight === mine) app.flight = undefined;
  };
  app.flight = mine;
  mine.then(land, land);
  return mine;
};
