import { accountOf } from "./account";
import type { App } from "./app";
import { assign } from "./assign";
import { listen } from "./events";
import { readKept, save } from "./keeping";
import { silentLogin } from "./logins";
import { createQueue } from "./queue";
import { requestsOf } from "./requests";
import { usable } from "./session";
import type { Account, Agreement, Auth, AuthOptions } from "./types";
import { waysOf } from "./ways";
import type { MinWx } from "./wx";

declare const wx: MinWx;

/** The whole login of a mini program: made once, for the whole app. */
export const createAuth = (options: AuthOptions): Auth => {
  const { wx: host = wx, baseURL } = options;
  const { miniProgram } = host.getAccountInfoSync();
  const ownAppId = options.appId || miniProgram.appId;
  const env = miniProgram.envVersion as "release";
  const place = `wxlogin:${ownAppId}:${env}`;
  const app: App = {
    wx: host,
    options,
    ownAppId,
    base: (typeof baseURL === "string" ? baseURL : baseURL[env] || baseURL.release).replace(
      /\/+$/,
      "",
    ),
    queue: createQueue(options.maxConnections || 10),
    turn: createQueue(1),
    kept: readKept(host, place),
    place,
    listeners: new Set(),
    codes: 0,
  };
  const { kept } = app;
  const account = accountOf(app);

  const known = {
    get account() {
      return kept.account;
    },
    get isSignedIn() {
      return !!usable(app);
    },
    get hold() {
      return kept.hold;
    },
    get application() {
      return kept.application;
    },
    setAgreements(agreements: Agreement[]) {
      kept.agreements = agreements;
      save(app);
    },
    on: listen(app),
    start: (): Promise<Account | null> =>
      (kept.token ? account.me() : silentLogin(app))
        .catch((why) => {
          // A refusal is told by its event, and is no reason for an app not to open.
          if (!/^4/.test(why.status)) throw why;
        })
        .then(() => kept.account),
  };
  return assign(known, account, assign(waysOf(app), requestsOf(app)));
};
