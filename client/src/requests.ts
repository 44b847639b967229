import type { App } from "./app";
import { assign } from "./assign";
import { act } from "./calls";
import { camel } from "./case";
import { emit } from "./events";
import { connectOf } from "./socket";
import type { Auth, AuthMode } from "./types";
import { type Answer, endOf, type Outgoing, refusalOf, send, type Token } from "./wire";
import { wrapOf } from "./wrap";

type Options = Outgoing & { auth?: AuthMode | undefined };

/** A request as the app makes it: answers as `wx` does, whatever the HTTP status; what the wxlogin
 * server says of the person's login is an error. A request that `isOurs` goes to one of that server's
 * own addresses: every refusal is an error, and the answer is what it says, in camelCase. */
export const through = async <R>(
  app: App,
  name: string,
  options: Options,
  isOurs?: boolean,
): Promise<R> => {
  const perform = (token: Token) =>
    send(app, name, options, token).then(name === "uploadFile" ? parsed : undefined);
  const answer = await act(app, options.auth, options.url, perform, endOf);
  const { type, length } = (answer.data || {}) as { type?: string; length?: number };
  // A text is never that server's: somebody on the way (a hotel's network) answers in its place.
  if (isOurs ? answer.statusCode > 399 || length : /^urn:wxlogin:/.test(type as string)) {
    const error = refusalOf(answer);
    if (error.code === "phone_required") emit(app, "phoneRequired", { error });
    throw error;
  }
  return (isOurs ? camel(answer.data) : answer) as R;
};

/** An upload's answer is text, whatever it is. */
const parsed = (answer: Answer): Answer => {
  try {
    return assign({}, answer, { data: JSON.parse(answer.data as string) });
  } catch {
    return answer;
  }
};

export const own = <R>(
  app: App,
  method: string,
  url: string,
  data?: object,
  more?: object,
): Promise<R> => through(app, "request", assign({ url, method, data }, more), true);

type Requests = Pick<
  Auth,
  "request" | "uploadFile" | "downloadFile" | "callContainer" | "connectSocket" | "wrap"
>;

export const requestsOf = (app: App): Requests => {
  const call = (name: string) => (options: Options) => through<never>(app, name, options);
  const wrap = wrapOf(app);
  return {
    request: call("request"),
    uploadFile: call("uploadFile"),
    downloadFile: call("downloadFile"),
    callContainer: call("callContainer"),
    connectSocket: connectOf(app, wrap),
    wrap,
  };
};
