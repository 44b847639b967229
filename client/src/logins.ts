import type { App } from "./app";
import { ask } from "./asking";
import { assign } from "./assign";
import { snake } from "./case";
import { type Cooling, cool, isCool } from "./cooling";
import { AuthError } from "./errors";
import { emit } from "./events";
import { take } from "./flight";
import { own } from "./requests";
import { type Entered, enter, type How, leave, maySilently } from "./session";
import type { LoginResult } from "./types";

const PLAIN = "/v1/login";

/** Without a tap, if that may be. */
export const silentLogin = async (app: App): Promise<LoginResult> => {
  const { kept, cooling, flight } = app;
  // Fifty that wait for one login share its failure too, or each would make another one.
  if (flight) return flight as unknown as Promise<LoginResult>;
  if (kept.hold) throw kept.hold;
  if (!maySilently(app)) throw new AuthError("session_missing", 401, { action: "ask" });
  if (isCool(cooling)) throw (cooling as Cooling).why;
  return login(app, PLAIN, {}, true, "silent");
};

/** A way in: each is a POST to one of the server's doors. Where somebody is at that door already, it
 * is that one's answer. With `withCode` the person's WeChat comes along. */
export const login = (
  app: App,
  path = PLAIN,
  body: object = {},
  withCode = true,
  how: How = "tap",
): Promise<LoginResult> =>
  take(app, path + JSON.stringify(body), async () => {
    const post = (code?: string) => postTo<Entered>(app, path, assign({ code }, body));
    try {
      const entered = await (withCode ? coded(app, post) : post());
      // Who names an account by words may name another one than WeChat's.
      const result = enter(app, entered, how, withCode && !/sms|word/.test(path));
      if (how === "tap") app.cooling = undefined;
      return result;
    } catch (why) {
      refused(app, why as AuthError, how, path);
      throw why;
    }
  });

const refused = (app: App, why: AuthError, how: How, path: string): void => {
  const { code, status, data } = why;
  if (code === "registration_required") {
    const ticket = data.registrationTicket as string;
    app.lastTicket = ticket;
    // It is as good as a login: whoever logs the error must not log it.
    delete data.registrationTicket;
    emit(app, "registrationRequired", assign({ ticket, expiresIn: data.ticketExpiresIn }, data));
  }
  if (/^account_[pr]/.test(code)) {
    emit(app, "pending", assign({ error: why }, data));
  }
  // Without a network nothing was refused.
  if (path === PLAIN && !/^(net|time)/.test(code)) cool(app, why);
  // Not where a gateway refuses: that says nothing of the account.
  if (how === "silent" && status === 403 && data.type) leave(app, why, why, false);
};

/** Hands `use` a fresh code; once more another one, where the first was no good. */
export const coded = async <R>(
  app: App,
  use: (code: string) => Promise<R>,
  isLast?: boolean,
): Promise<R> => {
  try {
    const { code } = await app.turn(() => {
      app.codes++;
      return ask<{ code?: string }>(app.wx, "login");
    });
    if (!code) throw new AuthError("login_failed");
    return await use(code);
  } catch (why) {
    if (isLast || (why as AuthError).action !== "new_code") throw why;
    await new Promise<void>((go) => setTimeout(go, 1000 + 2000 * Math.random()));
    return coded(app, use, true);
  }
};

/** A door that takes no token; what goes along with every login and registration goes along. */
export const postTo = <R>(app: App, url: string, body: object): Promise<R> => {
  const { wx, options, kept } = app;
  const { brand, model, platform } = (wx.getDeviceInfo || wx.getSystemInfoSync).call(wx);
  const { device, context } = options;
  const name = brand && `${brand} ${model}`;
  const data = assign(
    {
      app_id: app.ownAppId,
      device: assign({ id: kept.deviceId, name, platform }, device),
      context: context ? context() : context,
      agreements: kept.agreements,
    },
    snake(body),
  );
  return own(app, "POST", url, data, { auth: "none", isUrgent: true });
};
