import { rowOf } from "./answers";
import type { App } from "./app";
import { ask } from "./asking";
import { assign } from "./assign";
import { camel } from "./case";
import { AuthError } from "./errors";
import { urlOf } from "./place";

export type Token = string | false | null | undefined;

export interface Answer {
  statusCode: number;
  data?: unknown;
  header?: object;
}

export interface Outgoing {
  /** A container has none, but a path. */
  url?: string;
  header?: object | undefined;
  onTask?: ((task: never) => void) | undefined;
  /** How many codes had been asked of `wx.login` when this was sealed with a session_key. */
  sealed?: number | undefined;
  /** Goes before all others. */
  isUrgent?: boolean;
  [option: string]: unknown;
}

export const headers = (
  { options: { language = "zh", header } }: App,
  own: object | undefined,
  token: Token,
) =>
  assign(
    { "Accept-Language": language },
    header ? header() : own,
    own,
    token && { Authorization: `Bearer ${token}` },
  );

/** Every request, upload, download and call of a container goes through here. */
export const send = (app: App, name: string, out: Outgoing, token?: Token): Promise<Answer> =>
  app.queue(async () => {
    if (app.codes > (out.sealed as number)) throw new AuthError("session_key_stale", 409);
    const url = out.url && urlOf(app, out.url);
    const header = headers(app, out.header, token);
    // A file may take as long as WeChat lets it.
    const timeout = /load/.test(name) ? undefined : app.options.timeout || 15000;
    const options = assign({ timeout }, out, { url, header });
    return ask(url ? app.wx : app.wx.cloud, name, options, out.onTask);
  }, out.isUrgent);

/** A refusal as an error: from the problem document, or at least the code in `WWW-Authenticate`,
 * which is all that survives some proxies, and all there is to a download. */
export const refusalOf = ({ statusCode, data, header }: Answer): AuthError => {
  const told = camel<{ code?: unknown }>(typeof data === "object" ? data : {});
  const challenge = /\Wcode=\\"(\w+)/.exec(JSON.stringify(header)) || [];
  // A business answer may have a code that is a number.
  const code = typeof told.code === "string" ? told.code : challenge[1];
  return new AuthError(code || "http_error", statusCode, told);
};

/** Whether an answer says that the login is over: why, or true where it does not tell. */
export type End = AuthError | boolean;

export const endOf = (answer: Answer): End => {
  if (answer.statusCode !== 401) return false;
  const said = refusalOf(answer);
  // By its code alone: a business answer may have an `action` of its own.
  return /^a/.test(rowOf(said.code, 401)[1]) ? said : true;
};
