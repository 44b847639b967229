import type { App } from "./app";
import { assign } from "./assign";
import { act } from "./calls";
import type { Auth, AuthMode } from "./types";
import { headers } from "./wire";

type Own = { auth?: AuthMode; url?: string; header?: object };

/** A team's own request function, with the login in front of it. Why a login is over is asked of the
 * server: teams seldom say, and a kick must not pass for an expiry. */
export const wrapOf =
  (app: App): Auth["wrap"] =>
  <O extends object, R>(
    request: (options: O) => Promise<R>,
    { signedOut }: { signedOut(answer: R): unknown },
  ) =>
  async (options: O): Promise<R> => {
    const { auth, url, header } = options as Own;
    const [value, isFailed] = await act<[value: R, isFailed?: true]>(
      app,
      auth,
      url,
      (token) =>
        request(assign({}, options, { header: headers(app, header, token) })).then(
          (value) => [value],
          (why) => [why, true],
        ),
      ([value]) => !!(value && signedOut(value)),
    );
    if (isFailed) throw value;
    return value;
  };
