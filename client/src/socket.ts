import type { App } from "./app";
import { unreached } from "./asking";
import { assign } from "./assign";
import { urlOf } from "./place";
import type { Auth, SocketOptions, SocketTask } from "./types";

/** Sockets, with the token in their handshake. A refused handshake tells no status: one that closes
 * before it opens counts as a login that may be over. */
export const connectOf = (app: App, wrap: Auth["wrap"]): Auth["connectSocket"] =>
  wrap(
    (options: SocketOptions) =>
      new Promise<SocketTask>((resolve, fail) => {
        const url = urlOf(app, options.url).replace(/^http/, "ws");
        const task = app.wx.connectSocket(assign({}, options, { url, fail })) as SocketTask;
        task.onOpen(() => resolve(task));
        task.onClose(fail);
        task.onError(fail);
        if (options.onTask) options.onTask(task);
      }).catch((why) => {
        throw unreached(why);
      }),
    { signedOut: (opened) => !opened.onOpen },
  );
