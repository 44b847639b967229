import type { App } from "./app";
import { assign } from "./assign";
import { AuthError } from "./errors";
import { save } from "./keeping";
import { coded, login, postTo } from "./logins";
import { phoneOf } from "./phone";
import { own } from "./requests";
import type { Application, Auth } from "./types";

type Ways = Pick<
  Auth,
  | "login"
  | "loginByPhone"
  | "loginByPassword"
  | "loginBySms"
  | "restore"
  | "registerMobile"
  | "registerEnterprise"
  | "refreshApplication"
  | "sendCode"
  | "resetPassword"
>;

const APPLYING = "/v1/register/enterprise";

/** The ways in that a person taps, and what leads to one. */
export const waysOf = (app: App): Ways => {
  const { kept } = app;

  /** A registration, with the ticket of the refusal that led to it. */
  const ticketed = (by: { ticket?: string | undefined }) =>
    assign({}, by, { registrationTicket: by.ticket || app.lastTicket });

  /** What an enterprise waits for is kept, so that the phone can ask another day. */
  const applied = async (asked: Promise<object>): Promise<Application> => {
    const { applicationId } = kept.application || {};
    kept.application = assign({ applicationId }, await asked) as Application;
    app.lastTicket = undefined;
    save(app);
    return kept.application;
  };

  return {
    login: () => login(app),
    loginByPhone: async (tapped) =>
      login(app, "/v1/login/phone", { phoneCode: phoneOf(tapped).code }),
    loginByPassword: (by) => login(app, "/v1/login/password", by, !!by.linkWeChat),
    loginBySms: (by) => login(app, "/v1/login/sms", by, by.linkWeChat !== false),
    restore: (by) => login(app, "/v1/me/restore", by, !by),

    registerMobile: (by) => login(app, "/v1/register/mobile", ticketed(by), false),
    registerEnterprise: (by) => applied(postTo(app, APPLYING, ticketed(by))),
    async refreshApplication() {
      if (!kept.application) throw new AuthError("not_found", 404);
      const id = encodeURIComponent(kept.application.applicationId);
      return applied(own(app, "GET", `${APPLYING}/${id}`, undefined, { auth: "none" }));
    },

    sendCode: (to) =>
      coded(app, (code) => postTo(app, "/v1/verification-codes", assign({ code }, to))),
    resetPassword: (by) => postTo(app, "/v1/password/reset", by),
  };
};
