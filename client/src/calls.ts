import type { App } from "./app";
import { ask } from "./asking";
import { cool } from "./cooling";
import { AuthError } from "./errors";
import { settled } from "./flight";
import { silentLogin } from "./logins";
import { isTrusted } from "./place";
import { heed, isSame, usable } from "./session";
import type { AuthMode } from "./types";
import { type End, endOf, send, type Token } from "./wire";

/** Steps 9 and 10, for every way of sending: with a token where `auth` and `url` allow one; where
 * `judge` finds that the login is over, that is acted on, and sent once more. `judge` says why it
 * is over, or true where it cannot tell. */
export const act = async <A>(
  app: App,
  auth: AuthMode = "required",
  url: string | undefined,
  perform: (token: Token) => Promise<A>,
  judge: (answer: A) => End,
): Promise<A> => {
  const isOurs = isTrusted(app, url);
  if (!isOurs && auth === "required") throw new AuthError("untrusted_origin");
  const { token: before, account } = app.kept;
  for (;;) {
    const token = isOurs && auth !== "none" && (await ready(app, auth === "required"));
    // What one person asked for is not done in the name of the next.
    if (token && !isSame(app, account)) throw new AuthError("session_revoked", 401);
    const answer = await perform(token);
    if (!token) return answer;
    const said = judge(answer);
    const end = (said === true ? await probe(app, token) : said) as AuthError;
    if (!end.code) {
      if (!said && token === usable(app)) app.cooling = undefined;
      return answer;
    }
    // A login in the air ends the session before it, and its answer may come after this one.
    await settled(app);
    heed(app, token, end);
    // Not even a token that came during this call is taken: no login will help.
    if (token !== before) cool(app, end);
  }
};

/** The token to send, once there is one. */
const ready = async (app: App, isNeeded: boolean): Promise<Token> => {
  if (app.options.strategy === "checkSession" && usable(app)) {
    app.checking = app.checking || check(app);
    await app.checking;
  }
  if (!usable(app) && (isNeeded || app.kept.token || app.flight)) {
    await silentLogin(app).catch((why) => {
      if (isNeeded) throw why;
    });
  }
  // Somebody may have logged out the moment that login was made.
  if (isNeeded && app.kept.hold) throw app.kept.hold;
  return usable(app);
};

/** `wx.checkSession`, once per life of the app. Where WeChat's login is over, a kick is heard before
 * the silent login that would undo it; where nobody tells, or that login fails, the session we have
 * may still do. */
const check = (app: App): Promise<unknown> =>
  ask(app.wx, "checkSession").catch(async () => {
    const token = app.kept.token as string;
    const end = await probe(app, token);
    if (end === true) return;
    if (end) heed(app, token, end);
    if (token === app.kept.token) await silentLogin(app).catch(() => {});
  });

/** Why a token is over, asked of the server where an answer does not tell; true: nor does it. */
const probe = (app: App, token: string): Promise<End> =>
  send(app, "request", { url: "/v1/session" }, token).then(
    (answer) => answer.statusCode > 401 || endOf(answer),
    () => true,
  );
