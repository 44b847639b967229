/*! wxlogin 0.1.0: 微信小程序登录 login for WeChat Mini Programs. Apache-2.0.
 *
 * 复制到小程序里即可使用，不需要 npm：
 * Copy into a mini program and use, no npm needed:
 *
 *   const { createAuth } = require("./wxlogin");
 *   const auth = createAuth({ baseURL: "https://login.example.com" });
 *   auth.request({ url: "/orders" }).then((answer) => console.log(answer.data));
 */
// src/assign.ts
var { assign } = Object;

// src/case.ts
var renamed = (value, part, change) => JSON.parse(JSON.stringify(value || {}).replace(/"\w+":/g, (name) => name.replace(part, change)));
var camel = (value) => renamed(value, /_[^\W_]/g, (letter) => letter.slice(1).toUpperCase());
var snake = (value) => renamed(value, /[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

// src/answers.ts
var TABLE = [
  [/^session_[mie]/, "again", "未登录"],
  [/^session_re[vp]/, "ask", "未登录"],
  [/^code_[iu]/, "new_code", ""],
  [/_denied|_stale|^phone_code/, "new_tap", "没有取得手机号"],
  [/^(net|time|login_f)/, "wait", "网络不通"]
];
var rowOf = (code, status) => TABLE.find((row) => row[0].test(code)) || [
  /./,
  status > 500 || status === 429 ? "wait" : "stop",
  "暂时无法使用"
];

// src/errors.ts
var AuthError = class extends Error {
  constructor(code, status = 0, told = {}) {
    const { detail, retry } = told;
    const [, action, title] = rowOf(code, status);
    super(detail || "请重试。");
    assign(this, { title, action: retry || action }, told, { code, status });
  }
  /** Everything that was told, which is the error's own too: `until`, `reason`, `reasonForUser`,
   * `device`, `eraseAt`, `methods`, `canJoin`, `errors`, `minimum`, … */
  get data() {
    return this;
  }
  /** An answer may have a field of that name. */
  set data(_told) {
  }
};

// src/flight.ts
var settled = async ({ flight }) => {
  try {
    await flight;
  } catch (e) {
  }
};
var take = (app, door, login2) => {
  const { flight } = app;
  if (flight && flight.door === door) return flight;
  const mine = assign(settled(app).then(login2), { door });
  const land = () => {
    if (app.flight === mine) app.flight = void 0;
  };
  app.flight = mine;
  mine.then(land, land);
  return mine;
};

// src/keeping.ts
var save = ({ wx: wx2, place, kept }) => {
  try {
    wx2.setStorageSync(place, kept);
  } catch (e) {
    try {
      wx2.removeStorageSync(place);
    } catch (e2) {
    }
  }
};
var readKept = (wx2, place) => {
  try {
    const found = wx2.getStorageSync(place);
    if (isSound(found, place)) {
      const { hold } = found;
      if (hold) found.hold = new AuthError(hold.code, hold.status, hold);
      return found;
    }
    wx2.removeStorageSync(place);
  } catch (e) {
  }
  return {
    of: place,
    deviceId: `${Date.now()}${Math.random()}`,
    account: null,
    hold: null,
    application: null
  };
};
var isSound = ({ of, token, account, at, life, agreements = [] }, place) => of === place && Array.isArray(agreements) && (!token || /^[!-~]+$/.test(token) && at + life >= 0 && Object(account).id);

// src/asking.ts
var ask = (wx2, name, options = { timeout: 1e4 }, seeTask) => new Promise((success, fail) => {
  const call = wx2[name];
  const task = call.call(wx2, assign({}, options, { success, fail }));
  if (seeTask) seeTask(task);
  const { timeout } = options;
  if (timeout) setTimeout(() => fail({ errno: 5 }), timeout + 5e3);
}).catch((why) => {
  throw unreached(why, name);
});
var unreached = ({ errMsg, errno, message } = {}, name) => {
  const text = errMsg || message;
  const isTimeout = errno === 5 || /time ?out/i.test(text);
  const isLogin = name === "login" && errno !== 108;
  const code = isTimeout ? "timeout" : isLogin ? "login_failed" : "network_error";
  return new AuthError(code, 0, { errMsg: text, errno });
};

// src/expiry.ts
var isPast = ({ at, life }) => !(Date.now() - at < life * 1e3);

// src/cooling.ts
var isCool = (cooling) => !!cooling && Date.now() >= cooling.at && !isPast(cooling);
var cool = (app, why) => {
  const { cooling } = app;
  if (isCool(cooling)) return;
  const doubled = cooling ? cooling.life * 2 : 0;
  const life = why.retryAfter || Math.min(600, Math.max(doubled, why.status > 399 ? 60 : 1));
  app.cooling = { at: Date.now(), life, why };
};

// src/events.ts
var listen = ({ listeners }) => (event, hear) => {
  const listener = [event, hear];
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};
var emit = (app, event, fact) => {
  for (const [heard, hear] of app.listeners) {
    if (heard === event) Promise.resolve(fact).then(hear);
  }
};

// src/place.ts
var originOf = (url) => (/^[a-z]+:\/\/[^/?#]*/i.exec(url) || [""])[0].toLowerCase().replace(/^ws/, "http");
var urlOf = (app, url = "") => originOf(url) ? url : `${app.base}/${url.replace(/^\/+/, "")}`;
var isTrusted = (app, url) => [app.base].concat(app.options.trustedOrigins || []).some((each) => originOf(each) === originOf(urlOf(app, url)));

// src/session.ts
var maySilently = ({ options, kept }) => options.silentLogin !== false && (!kept.token || kept.byWeChat);
var usable = (app) => maySilently(app) && isPast(app.kept) ? void 0 : app.kept.token;
var enter = (app, entered, how, byWeChat) => {
  const { kept } = app;
  const { token, account, isNewAccount, expiresIn } = entered;
  if (!token || !account) throw new AuthError("http_error", 502);
  delete entered.token;
  if (how === "silent" && !isSame(app, account)) {
    leave(app, new AuthError("session_revoked", 401, { reason: "account_changed" }));
    throw kept.hold;
  }
  app.checking = true;
  app.lastTicket = void 0;
  assign(kept, {
    token,
    account,
    at: Date.now(),
    // Whatever the server says, a token is good for a minute: no login for every request.
    life: Math.max(expiresIn || 0, 60),
    byWeChat: byWeChat || account.identities.some((each) => each.appId === app.ownAppId),
    hold: null
  });
  save(app);
  emit(app, "signedIn", { account, isNewAccount, how });
  return entered;
};
var isSame = ({ kept }, account) => !account || account.id === (kept.account || account).id;
var heed = (app, token, end) => {
  const { kept } = app;
  if (token !== kept.token) return;
  if (end.action === "again" && maySilently(app)) kept.life = 0;
  else leave(app, assign(end, { action: "ask" }));
};
var leave = (app, why, error = why, isHeld = true) => {
  const { kept } = app;
  if (kept.token) emit(app, "signedOut", assign({}, why, { error }));
  kept.token = kept.account = null;
  if (isHeld) kept.hold = why;
  save(app);
};

// src/wire.ts
var headers = ({ options: { language = "zh", header } }, own2, token) => assign(
  { "Accept-Language": language },
  header ? header() : own2,
  own2,
  token && { Authorization: `Bearer ${token}` }
);
var send = (app, name, out, token) => app.queue(async () => {
  if (app.codes > out.sealed) throw new AuthError("session_key_stale", 409);
  const url = out.url && urlOf(app, out.url);
  const header = headers(app, out.header, token);
  const timeout = /load/.test(name) ? void 0 : app.options.timeout || 15e3;
  const options = assign({ timeout }, out, { url, header });
  return ask(url ? app.wx : app.wx.cloud, name, options, out.onTask);
}, out.isUrgent);
var refusalOf = ({ statusCode, data, header }) => {
  const told = camel(typeof data === "object" ? data : {});
  const challenge = /\Wcode=\\"(\w+)/.exec(JSON.stringify(header)) || [];
  const code = typeof told.code === "string" ? told.code : challenge[1];
  return new AuthError(code || "http_error", statusCode, told);
};
var endOf = (answer) => {
  if (answer.statusCode !== 401) return false;
  const said = refusalOf(answer);
  return /^a/.test(rowOf(said.code, 401)[1]) ? said : true;
};

// src/calls.ts
var act = async (app, auth = "required", url, perform, judge) => {
  const isOurs = isTrusted(app, url);
  if (!isOurs && auth === "required") throw new AuthError("untrusted_origin");
  const { token: before, account } = app.kept;
  for (; ; ) {
    const token = isOurs && auth !== "none" && await ready(app, auth === "required");
    if (token && !isSame(app, account)) throw new AuthError("session_revoked", 401);
    const answer = await perform(token);
    if (!token) return answer;
    const said = judge(answer);
    const end = said === true ? await probe(app, token) : said;
    if (!end.code) {
      if (!said && token === usable(app)) app.cooling = void 0;
      return answer;
    }
    await settled(app);
    heed(app, token, end);
    if (token !== before) cool(app, end);
  }
};
var ready = async (app, isNeeded) => {
  if (app.options.strategy === "checkSession" && usable(app)) {
    app.checking = app.checking || check(app);
    await app.checking;
  }
  if (!usable(app) && (isNeeded || app.kept.token || app.flight)) {
    await silentLogin(app).catch((why) => {
      if (isNeeded) throw why;
    });
  }
  if (isNeeded && app.kept.hold) throw app.kept.hold;
  return usable(app);
};
var check = (app) => ask(app.wx, "checkSession").catch(async () => {
  const token = app.kept.token;
  const end = await probe(app, token);
  if (end === true) return;
  if (end) heed(app, token, end);
  if (token === app.kept.token) await silentLogin(app).catch(() => {
  });
});
var probe = (app, token) => send(app, "request", { url: "/v1/session" }, token).then(
  (answer) => answer.statusCode > 401 || endOf(answer),
  () => true
);

// src/socket.ts
var connectOf = (app, wrap) => wrap(
  (options) => new Promise((resolve, fail) => {
    const url = urlOf(app, options.url).replace(/^http/, "ws");
    const task = app.wx.connectSocket(assign({}, options, { url, fail }));
    task.onOpen(() => resolve(task));
    task.onClose(fail);
    task.onError(fail);
    if (options.onTask) options.onTask(task);
  }).catch((why) => {
    throw unreached(why);
  }),
  { signedOut: (opened) => !opened.onOpen }
);

// src/wrap.ts
var wrapOf = (app) => (request, { signedOut }) => async (options) => {
  const { auth, url, header } = options;
  const [value, isFailed] = await act(
    app,
    auth,
    url,
    (token) => request(assign({}, options, { header: headers(app, header, token) })).then(
      (value2) => [value2],
      (why) => [why, true]
    ),
    ([value2]) => !!(value2 && signedOut(value2))
  );
  if (isFailed) throw value;
  return value;
};

// src/requests.ts
var through = async (app, name, options, isOurs) => {
  const perform = (token) => send(app, name, options, token).then(name === "uploadFile" ? parsed : void 0);
  const answer = await act(app, options.auth, options.url, perform, endOf);
  const { type, length } = answer.data || {};
  if (isOurs ? answer.statusCode > 399 || length : /^urn:wxlogin:/.test(type)) {
    const error = refusalOf(answer);
    if (error.code === "phone_required") emit(app, "phoneRequired", { error });
    throw error;
  }
  return isOurs ? camel(answer.data) : answer;
};
var parsed = (answer) => {
  try {
    return assign({}, answer, { data: JSON.parse(answer.data) });
  } catch (e) {
    return answer;
  }
};
var own = (app, method, url, data, more) => through(app, "request", assign({ url, method, data }, more), true);
var requestsOf = (app) => {
  const call = (name) => (options) => through(app, name, options);
  const wrap = wrapOf(app);
  return {
    request: call("request"),
    uploadFile: call("uploadFile"),
    downloadFile: call("downloadFile"),
    callContainer: call("callContainer"),
    connectSocket: connectOf(app, wrap),
    wrap
  };
};

// src/logins.ts
var PLAIN = "/v1/login";
var silentLogin = async (app) => {
  const { kept, cooling, flight } = app;
  if (flight) return flight;
  if (kept.hold) throw kept.hold;
  if (!maySilently(app)) throw new AuthError("session_missing", 401, { action: "ask" });
  if (isCool(cooling)) throw cooling.why;
  return login(app, PLAIN, {}, true, "silent");
};
var login = (app, path = PLAIN, body = {}, withCode = true, how = "tap") => take(app, path + JSON.stringify(body), async () => {
  const post = (code) => postTo(app, path, assign({ code }, body));
  try {
    const entered = await (withCode ? coded(app, post) : post());
    const result = enter(app, entered, how, withCode && !/sms|word/.test(path));
    if (how === "tap") app.cooling = void 0;
    return result;
  } catch (why) {
    refused(app, why, how, path);
    throw why;
  }
});
var refused = (app, why, how, path) => {
  const { code, status, data } = why;
  if (code === "registration_required") {
    const ticket = data.registrationTicket;
    app.lastTicket = ticket;
    delete data.registrationTicket;
    emit(app, "registrationRequired", assign({ ticket, expiresIn: data.ticketExpiresIn }, data));
  }
  if (/^account_[pr]/.test(code)) {
    emit(app, "pending", assign({ error: why }, data));
  }
  if (path === PLAIN && !/^(net|time)/.test(code)) cool(app, why);
  if (how === "silent" && status === 403 && data.type) leave(app, why, why, false);
};
var coded = async (app, use, isLast) => {
  try {
    const { code } = await app.turn(() => {
      app.codes++;
      return ask(app.wx, "login");
    });
    if (!code) throw new AuthError("login_failed");
    return await use(code);
  } catch (why) {
    if (isLast || why.action !== "new_code") throw why;
    await new Promise((go) => setTimeout(go, 1e3 + 2e3 * Math.random()));
    return coded(app, use, true);
  }
};
var postTo = (app, url, body) => {
  const { wx: wx2, options, kept } = app;
  const { brand, model, platform } = (wx2.getDeviceInfo || wx2.getSystemInfoSync).call(wx2);
  const { device, context } = options;
  const name = brand && `${brand} ${model}`;
  const data = assign(
    {
      app_id: app.ownAppId,
      device: assign({ id: kept.deviceId, name, platform }, device),
      context: context ? context() : context,
      agreements: kept.agreements
    },
    snake(body)
  );
  return own(app, "POST", url, data, { auth: "none", isUrgent: true });
};

// src/phone.ts
var REASONS = [
  [/declare|#112/, "privacy_undeclared"],
  [/privacy|#10(4|11)/, "privacy_denied"],
  [/quota|#14000/, "phone_no_quota"],
  [/permi|banned|:ok|#102/, "phone_no_permission"],
  [/./, "phone_denied"]
];
var phoneOf = (tapped) => {
  const detail = tapped.detail || tapped;
  if (detail.code || detail.encryptedData) return detail;
  const { errMsg, errno } = detail;
  const [, code] = REASONS.find(([pattern]) => pattern.test(`${errMsg}#${errno}`));
  throw new AuthError(code, 0, { errMsg, errno });
};

// src/account.ts
var PHONE = "/v1/me/phone";
var accountOf = (app) => {
  const { kept } = app;
  const known = async (asked) => {
    const { account } = kept;
    const facts = await asked;
    if (kept.account && isSame(app, account)) kept.account = assign({}, kept.account, facts);
    save(app);
    return facts;
  };
  const proved = async (path, body, proof) => {
    if (kept.hold) throw kept.hold;
    const post = (shown) => own(app, "POST", path, snake(assign({}, body, shown)));
    if (!proof) return coded(app, (proofCode) => post({ proofCode }));
    return post(
      path === PHONE && "verificationCode" in proof ? { proofVerificationCode: proof.verificationCode } : proof
    );
  };
  const bindPhone = (given, proof) => known(proved(PHONE, given, proof));
  return {
    me: () => known(own(app, "GET", "/v1/me")),
    setNickname: (nickname) => known(own(app, "PUT", "/v1/me/profile", { nickname })),
    uploadAvatar: (filePath) => known(through(app, "uploadFile", { url: "/v1/me/avatar", filePath, name: "file" }, true)),
    /** What the old way gives is sealed with a session_key that any `wx.login` may replace: after
     * one it is not sent, let alone sent again. A new tap seals it anew. */
    async bindPhone(tapped, proof) {
      const { code, encryptedData, iv } = phoneOf(tapped);
      if (code) return bindPhone({ code }, proof);
      const sealed = app.codes;
      const data = snake(assign({ encryptedData, iv }, proof));
      try {
        return await known(own(app, "POST", PHONE, data, { sealed }));
      } catch (why) {
        if (why.code === "session_key_stale" && app.codes === sealed) {
          await silentLogin(app).catch(() => {
          });
        }
        throw why;
      }
    },
    bindPhoneBySms: bindPhone,
    setPassword: (to, proof) => proved("/v1/me/password", to, proof),
    linkIdentity: (identity, proof) => known(proved("/v1/me/identities", identity, proof)),
    unlinkIdentity: (identity, proof) => proved("/v1/me/identities/unlink", identity, proof),
    supportCode: () => own(app, "POST", "/v1/me/support-code"),
    sessions: async () => (await own(app, "GET", "/v1/sessions")).items,
    endSession: (id) => own(app, "DELETE", `/v1/sessions/${encodeURIComponent(id)}`),
    endOtherSessions: () => own(app, "DELETE", "/v1/sessions?keep=current"),
    async logout() {
      await settled(app);
      const { token } = kept;
      leave(app, new AuthError("session_revoked", 401, { reason: "logged_out" }), null);
      const end = { url: "/v1/session", method: "DELETE" };
      if (token) await send(app, "request", end, token).catch(() => {
      });
    },
    exportData: (proof) => proved("/v1/me/export", {}, proof),
    async erase(proof) {
      const facts = await proved("/v1/me/erase", {}, proof);
      leave(app, new AuthError("account_erasing", 403, facts), null);
      return facts;
    },
    checkWeChatSession: async () => (await own(app, "POST", "/v1/session/wechat-check")).wechatSession
  };
};

// src/queue.ts
var createQueue = (limit) => {
  const waiting = [];
  let running = 0;
  return async (call, isUrgent) => {
    if (running < limit) running++;
    else await new Promise((go) => isUrgent ? waiting.unshift(go) : waiting.push(go));
    try {
      return await call();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
};

// src/ways.ts
var APPLYING = "/v1/register/enterprise";
var waysOf = (app) => {
  const { kept } = app;
  const ticketed = (by) => assign({}, by, { registrationTicket: by.ticket || app.lastTicket });
  const applied = async (asked) => {
    const { applicationId } = kept.application || {};
    kept.application = assign({ applicationId }, await asked);
    app.lastTicket = void 0;
    save(app);
    return kept.application;
  };
  return {
    login: () => login(app),
    loginByPhone: async (tapped) => login(app, "/v1/login/phone", { phoneCode: phoneOf(tapped).code }),
    loginByPassword: (by) => login(app, "/v1/login/password", by, !!by.linkWeChat),
    loginBySms: (by) => login(app, "/v1/login/sms", by, by.linkWeChat !== false),
    restore: (by) => login(app, "/v1/me/restore", by, !by),
    registerMobile: (by) => login(app, "/v1/register/mobile", ticketed(by), false),
    registerEnterprise: (by) => applied(postTo(app, APPLYING, ticketed(by))),
    async refreshApplication() {
      if (!kept.application) throw new AuthError("not_found", 404);
      const id = encodeURIComponent(kept.application.applicationId);
      return applied(own(app, "GET", `${APPLYING}/${id}`, void 0, { auth: "none" }));
    },
    sendCode: (to) => coded(app, (code) => postTo(app, "/v1/verification-codes", assign({ code }, to))),
    resetPassword: (by) => postTo(app, "/v1/password/reset", by)
  };
};

// src/auth.ts
var createAuth = (options) => {
  const { wx: host = wx, baseURL } = options;
  const { miniProgram } = host.getAccountInfoSync();
  const ownAppId = options.appId || miniProgram.appId;
  const env = miniProgram.envVersion;
  const place = `wxlogin:${ownAppId}:${env}`;
  const app = {
    wx: host,
    options,
    ownAppId,
    base: (typeof baseURL === "string" ? baseURL : baseURL[env] || baseURL.release).replace(
      /\/+$/,
      ""
    ),
    queue: createQueue(options.maxConnections || 10),
    turn: createQueue(1),
    kept: readKept(host, place),
    place,
    listeners: /* @__PURE__ */ new Set(),
    codes: 0
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
    setAgreements(agreements) {
      kept.agreements = agreements;
      save(app);
    },
    on: listen(app),
    start: () => (kept.token ? account.me() : silentLogin(app)).catch((why) => {
      if (!/^4/.test(why.status)) throw why;
    }).then(() => kept.account)
  };
  return assign(known, account, assign(waysOf(app), requestsOf(app)));
};

// src/privacy.ts
var privacyConsent = ({ wx: host = wx } = {}) => ({
  async isNeeded() {
    const { needAuthorization, privacyContractName = "" } = await ask(
      host,
      "getPrivacySetting"
    ).catch(() => ({}));
    return { needed: !!needAuthorization, contractName: privacyContractName };
  },
  onAsk(listener) {
    if (host.onNeedPrivacyAuthorization) {
      host.onNeedPrivacyAuthorization(((resolve, { referrer }) => {
        const disagree = () => resolve({ event: "disagree" });
        const agree = (buttonId) => resolve({ event: "agree", buttonId });
        listener({ referrer, agree, disagree });
      }));
    }
    return () => {
      listener = ({ disagree }) => disagree();
    };
  },
  openContract: () => ask(host, "openPrivacyContract")
});

// src/bundle.ts
assign(exports, { createAuth, AuthError, privacyConsent });
