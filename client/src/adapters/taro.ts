import type { SocketTask } from "../types";
import type { MinWx, PrivacyWx } from "../wx";

type Call = (options: object) => unknown;

/** `Taro` as the SDK's `wx`. Its functions answer twice, by callback and by promise: what the
 * callback has told must not be an unhandled rejection as well. And its sockets come by promise. */
export const fromTaro = (Taro: object): MinWx & PrivacyWx => {
  const all = Taro as Record<string, Call>;
  const wx: Record<string, Call> = Object.create(Taro);
  for (const name of ["login", "checkSession", "request", "uploadFile", "downloadFile"]) {
    wx[name] = (options) => {
      const task = (all[name] as Call)(options) as Promise<unknown> | undefined;
      task?.catch?.(() => {});
      return task;
    };
  }
  wx.connectSocket = (options) => socketOf((all.connectSocket as Call)(options));
  return wx as unknown as MinWx & PrivacyWx;
};

/** A socket that hands everything on to the one that is still to come. */
const socketOf = (made: unknown): Record<keyof SocketTask, Call> => {
  const coming = Promise.resolve(made as Record<string, Call>);
  const later =
    (name: string): Call =>
    (given) => {
      coming.then((task) => (task[name] as Call)(given)).catch(() => {});
    };
  const failing = later("onError");
  return {
    send: later("send"),
    close: later("close"),
    onOpen: later("onOpen"),
    onMessage: later("onMessage"),
    onClose: later("onClose"),
    onError: (hear) => {
      failing(hear);
      coming.catch(hear as (why: unknown) => void);
    },
  };
};
