import { assign } from "./assign";
import { AuthError } from "./errors";

/** The callbacks of `wx` as one promise: not every `wx` returns one. `seeTask` gets what the call
 * returned. */
export const ask = <R>(
  wx: unknown,
  name: string,
  options: { timeout?: number | undefined } = { timeout: 10000 },
  seeTask?: (task: never) => void,
): Promise<R> =>
  new Promise<R>((success, fail) => {
    const call = (wx as Record<string, unknown>)[name] as (options: object) => unknown;
    const task = call.call(wx, assign({}, options, { success, fail }));
    if (seeTask) seeTask(task as never);
    // Some phones answer nothing at all, and a login that never ends would keep every request waiting
    // for ever.
    const { timeout } = options;
    if (timeout) setTimeout(() => fail({ errno: 5 }), timeout + 5000);
  }).catch((why) => {
    throw unreached(why, name);
  });

/** Why nothing was answered, in WeChat's own words. */
export const unreached = ({ errMsg, errno, message }: Reason = {}, name?: string): AuthError => {
  const text = errMsg || message;
  const isTimeout = errno === 5 || /time ?out/i.test(text as string);
  const isLogin = name === "login" && errno !== 108;
  const code = isTimeout ? "timeout" : isLogin ? "login_failed" : "network_error";
  return new AuthError(code, 0, { errMsg: text, errno });
};

type Reason = { errMsg?: string; errno?: number; message?: string };
