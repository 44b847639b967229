import type { App } from "./app";
import { assign } from "./assign";
import { snake } from "./case";
import { AuthError } from "./errors";
import { settled } from "./flight";
import { save } from "./keeping";
import { coded, silentLogin } from "./logins";
import { phoneOf } from "./phone";
import { own, through } from "./requests";
import { isSame, leave } from "./session";
import type { Account, Auth, Phone, Proof, Session } from "./types";
import { send } from "./wire";

const PHONE = "/v1/me/phone";

type Own = Pick<
  Auth,
  | "me"
  | "setNickname"
  | "uploadAvatar"
  | "bindPhone"
  | "bindPhoneBySms"
  | "setPassword"
  | "linkIdentity"
  | "unlinkIdentity"
  | "supportCode"
  | "sessions"
  | "endSession"
  | "endOtherSessions"
  | "logout"
  | "exportData"
  | "erase"
  | "checkWeChatSession"
>;

/** One's own account: all of it needs a token, and what matters a proof of who asks. */
export const accountOf = (app: App): Own => {
  const { kept } = app;

  /** Facts of the account that the server has just told. */
  const known = async <F extends Partial<Account>>(asked: Promise<F>): Promise<F> => {
    const { account } = kept;
    const facts = await asked;
    if (kept.account && isSame(app, account)) kept.account = assign({}, kept.account, facts);
    save(app);
    return facts;
  };

  /** With the proof that was given, or a fresh code of `wx.login`. */
  const proved = async <R>(path: string, body: object, proof?: Proof): Promise<R> => {
    // Whoever was kicked hears that, and spends no code.
    if (kept.hold) throw kept.hold;
    const post = (shown: object) => own<R>(app, "POST", path, snake(assign({}, body, shown)));
    if (!proof) return coded(app, (proofCode) => post({ proofCode }));
    // There `verification_code` is the new number's.
    return post(
      path === PHONE && "verificationCode" in proof
        ? { proofVerificationCode: proof.verificationCode }
        : proof,
    );
  };

  const bindPhone = (given: object, proof?: Proof) => known(proved<Phone>(PHONE, given, proof));

  return {
    me: () => known(own(app, "GET", "/v1/me")),
    setNickname: (nickname) => known(own(app, "PUT", "/v1/me/profile", { nickname })),
    uploadAvatar: (filePath) =>
      known(through(app, "uploadFile", { url: "/v1/me/avatar", filePath, name: "file" }, true)),

    /** What the old way gives is sealed with a session_key that any `wx.login` may replace: after
     * one it is not sent, let alone sent again. A new tap seals it anew. */
    async bindPhone(tapped, proof) {
      const { code, encryptedData, iv } = phoneOf(tapped);
      if (code) return bindPhone({ code }, proof);
      const sealed = app.codes;
      const data = snake(assign({ encryptedData, iv }, proof));
      try {
        return await known(own<Phone>(app, "POST", PHONE, data, { sealed }));
      } catch (why) {
        if ((why as AuthError).code === "session_key_stale" && app.codes === sealed) {
          await silentLogin(app).catch(() => {});
        }
        throw why;
      }
    },
    bindPhoneBySms: bindPhone,

    setPassword: (to, proof) => proved("/v1/me/password", to, proof),
    linkIdentity: (identity, proof) => known(proved("/v1/me/identities", identity, proof)),
    unlinkIdentity: (identity, proof) => proved("/v1/me/identities/unlink", identity, proof),
    supportCode: () => own(app, "POST", "/v1/me/support-code"),

    sessions: async () => (await own<{ items: Session[] }>(app, "GET", "/v1/sessions")).items,
    endSession: (id) => own(app, "DELETE", `/v1/sessions/${encodeURIComponent(id)}`),
    endOtherSessions: () => own(app, "DELETE", "/v1/sessions?keep=current"),

    async logout() {
      await settled(app);
      const { token } = kept;
      leave(app, new AuthError("session_revoked", 401, { reason: "logged_out" }), null);
      const end = { url: "/v1/session", method: "DELETE" };
      if (token) await send(app, "request", end, token).catch(() => {});
    },

    exportData: (proof) => proved("/v1/me/export", {}, proof),

    async erase(proof) {
      const facts = await proved<{ eraseAt: string }>("/v1/me/erase", {}, proof);
      leave(app, new AuthError("account_erasing", 403, facts), null);
      return facts;
    },

    checkWeChatSession: async () =>
      (await own<{ wechatSession: "valid" | "expired" }>(app, "POST", "/v1/session/wechat-check"))
        .wechatSession,
  };
};
