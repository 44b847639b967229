/** The operator API over the mock world: [method, path, handler]. A handler answers [status, body]. */

const PAGE = 20;
const FIELDS = [
  "id",
  "user_id",
  "nickname",
  "avatar_url",
  "phone",
  "status",
  "created_at",
  "last_login_at",
  "pool",
];

export class Refusal extends Error {
  constructor(status, code, detail, more = {}) {
    super(code);
    Object.assign(this, { status, code, detail, more });
  }
}

const item = ({ account }) => Object.fromEntries(FIELDS.map((field) => [field, account[field]]));
const invalid = (field, reason) =>
  new Refusal(400, "request_invalid", "请求内容不正确", { errors: [{ field, reason }] });

function paged(items, cursor) {
  const from = Number(cursor ?? 0);
  return [
    200,
    {
      items: items.slice(from, from + PAGE),
      next: from + PAGE < items.length ? String(from + PAGE) : null,
    },
  ];
}

export function makeRoutes(world) {
  const find = (list, key, id) => {
    const found = list.find((each) => each[key] === id);
    if (!found) throw new Refusal(404, "not_found", "没有找到");
    return found;
  };
  const entry = (id) => {
    const found = world.accounts.find((each) => each.account.id === id);
    if (!found) throw new Refusal(404, "not_found", "没有找到该账号");
    return found;
  };
  const note = (kind, ctx, over = {}) => {
    if (!ctx.body.reason?.trim()) throw invalid("reason", "missing");
    world.audit.unshift({
      id: String(5000 + world.audit.length),
      at: world.at(Date.now()),
      kind,
      actor: { kind: "operator", id: ctx.operator.id, name: ctx.operator.name },
      account_id: null,
      subject: null,
      app_id: null,
      reason: ctx.body.reason,
      data: {},
      sealed: false,
      ...over,
    });
  };
  const noteOn = (kind, ctx, id) => note(kind, ctx, { account_id: id, subject: "p_3f9c01ab27" });
  const admin = (ctx) => {
    if (ctx.operator.role !== "admin")
      throw new Refusal(403, "scope_missing", "您的角色没有此权限");
  };
  const change = (kind, over) => (ctx, id) => {
    const { account } = entry(id);
    noteOn(kind, ctx, id);
    Object.assign(account, over(ctx.body));
    return [200, account];
  };
  const changeApp = (kind, over) => (ctx, id) => {
    admin(ctx);
    const app = find(world.apps, "app_id", id);
    if (app.is_read_only) throw invalid("app_id", "comes from the settings");
    note(kind, ctx, { app_id: id });
    return [200, Object.assign(app, over(ctx.body))];
  };
  const decide = (kind, status) => (ctx, id) => {
    const application = find(world.applications, "id", id);
    if (application.status !== "pending") throw invalid("status", "already decided");
    noteOn(kind, ctx, application.account_id);
    return [
      200,
      Object.assign(application, {
        status,
        reason: ctx.body.reason_for_user ?? null,
        decided_at: world.at(Date.now()),
        decided_by: ctx.operator.name,
      }),
    ];
  };
  const secretsFor = (operator) => ({
    operator,
    password: world.letters(20),
    otpauth_url: `otpauth://totp/wxlogin:${operator.name}?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=wxlogin`,
    totp_qr_svg:
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path fill="#fff" d="M0 0h29v29H0z"/><path d="M4 4h7v7H4zM18 4h7v7h-7zM4 18h7v7H4zM13 13h3v3h-3zM18 18h2v2h-2zM22 22h3v3h-3zM13 20h2v5h-2zM20 14h5v2h-5z"/></svg>',
  });

  const search = (ctx) => {
    const { q = "", status, cursor } = ctx.body;
    const isExact = (each) =>
      [each.account.id, each.account.user_id, each.full_phone, each.full_phone?.slice(3)].includes(
        q,
      ) || each.identities.some((one) => one.openid === q);
    const found = world.accounts.filter(
      (each) =>
        (!q || isExact(each) || each.account.nickname?.startsWith(q)) &&
        (!status || each.account.status === status),
    );
    return paged(found.map(item), cursor);
  };

  const preview = ({ body }) => {
    const [keep, drop] = [entry(body.keep_account_id), entry(body.drop_account_id)];
    const own = new Set(keep.identities.map((each) => each.app_id));
    const clash = drop.identities.filter((each) => own.has(each.app_id));
    const conflicts = [
      ...clash.map((each) => ({ kind: "identity_in_same_app", app_id: each.app_id })),
      ...["user_id", "phone"]
        .filter((kind) => keep.account[kind] && drop.account[kind])
        .map((kind) => ({ kind })),
      ...(keep.account.has_password && drop.account.has_password ? [{ kind: "password" }] : []),
    ];
    return [
      200,
      {
        keep: keep.account,
        drop: drop.account,
        moves: {
          identities: drop.identities.filter((each) => !own.has(each.app_id)),
          phone: !keep.account.phone && !!drop.account.phone,
          username: !keep.account.username && !!drop.account.username,
          agreements: drop.agreements.length,
        },
        conflicts,
        may_merge: clash.length === 0,
      },
    ];
  };

  const ID = "([^/]+)";
  return [
    ["GET", "/me", (ctx) => [200, { ...ctx.signedIn(), version: "0.1.0" }]],
    ["PUT", "/me", (ctx) => [200, Object.assign(ctx.operator, { language: ctx.body.language })]],
    [
      "POST",
      "/me/password",
      (ctx) => {
        if (ctx.body.current_password !== "console" || ctx.body.totp !== "123456")
          throw new Refusal(401, "credentials_invalid", "用户名、密码或动态验证码错误");
        return [204];
      },
    ],
    ["GET", "/overview", (ctx) => [200, world.overview(ctx.query.get("range"))]],
    ["POST", "/accounts/search", search],
    [
      "GET",
      `/accounts/${ID}`,
      (ctx, id) => {
        const { full_phone, ...detail } = entry(id);
        return [
          200,
          {
            ...detail,
            history: world.audit.filter((each) => each.account_id === id).slice(0, 50),
            applications: world.applications.filter((each) => each.account_id === id),
          },
        ];
      },
    ],
    [
      "POST",
      `/accounts/${ID}/reveal-phone`,
      (ctx, id) => (noteOn("phone_revealed", ctx, id), [200, { phone: entry(id).full_phone }]),
    ],
    [
      "POST",
      `/accounts/${ID}/disable`,
      change("account_disabled", (body) => ({
        status: "disabled",
        disabled_until: body.until ?? null,
        reason: body.reason_for_user ?? null,
      })),
    ],
    [
      "POST",
      `/accounts/${ID}/enable`,
      change("account_enabled", () => ({ status: "active", disabled_until: null, reason: null })),
    ],
    [
      "POST",
      `/accounts/${ID}/restore`,
      (ctx, id) => (
        admin(ctx),
        change("account_restored", () => ({ status: "active", erase_at: null }))(ctx, id)
      ),
    ],
    [
      "POST",
      `/accounts/${ID}/erase`,
      (ctx, id) => {
        admin(ctx);
        const found = entry(id);
        noteOn("erase_requested", ctx, id);
        const erase_at = world.at(Date.now() + (ctx.body.now ? 0 : 7 * 86400e3));
        Object.assign(found.account, { status: "erasing", erase_at });
        found.sessions = [];
        if (ctx.body.now) world.accounts.splice(world.accounts.indexOf(found), 1);
        return [202, { erase_at }];
      },
    ],
    [
      "POST",
      `/accounts/${ID}/end-sessions`,
      (ctx, id) => {
        const found = entry(id);
        noteOn("sessions_ended", ctx, id);
        const kept = found.sessions.filter(
          (each) => ctx.body.session_id && each.session_id !== ctx.body.session_id,
        );
        const ended = found.sessions.length - kept.length;
        found.sessions = kept;
        return [200, { ended }];
      },
    ],
    ["POST", "/merges/preview", preview],
    [
      "POST",
      "/merges",
      (ctx) => {
        const { keep_account_id: keepId, drop_account_id: dropId, keep_code, drop_code } = ctx.body;
        if (keep_code !== "11111111" || drop_code !== "22222222")
          throw new Refusal(400, "verification_code_invalid", "支持码错误或已过期");
        noteOn("account_merged", ctx, keepId);
        entry(keepId).identities.push(...entry(dropId).identities);
        world.accounts.splice(world.accounts.indexOf(entry(dropId)), 1);
        return [200, entry(keepId).account];
      },
    ],
    [
      "GET",
      "/applications",
      (ctx) =>
        paged(
          world.applications.filter((each) => each.status === ctx.query.get("status")),
          ctx.query.get("cursor"),
        ),
    ],
    ["POST", `/applications/${ID}/approve`, decide("application_approved", "approved")],
    ["POST", `/applications/${ID}/reject`, decide("application_rejected", "rejected")],
    ["GET", "/apps", () => [200, { items: world.apps, next: null }]],
    [
      "POST",
      "/apps",
      (ctx) => {
        admin(ctx);
        if (world.apps.some((each) => each.app_id === ctx.body.app_id))
          throw invalid("app_id", "already here");
        note("app_added", ctx, { app_id: ctx.body.app_id });
        const { secret, push_token, encoding_aes_key, reason, ...rest } = ctx.body;
        const app = {
          pool: "default",
          cors_origins: [],
          is_disabled: false,
          is_read_only: false,
          has_push_token: !!push_token,
          has_encoding_aes_key: !!encoding_aes_key,
          has_next_secret: false,
          created_at: world.at(Date.now()),
          ...rest,
        };
        world.apps.push(app);
        return [201, app];
      },
    ],
    [
      "PUT",
      `/apps/${ID}`,
      changeApp("app_changed", ({ reason, push_token, encoding_aes_key, ...policy }) => ({
        ...policy,
        ...(push_token ? { has_push_token: true } : {}),
        ...(encoding_aes_key ? { has_encoding_aes_key: true } : {}),
      })),
    ],
    [
      "POST",
      `/apps/${ID}/rotate-secret`,
      changeApp("secret_rotated", () => ({ has_next_secret: true })),
    ],
    [
      "POST",
      `/apps/${ID}/drop-old-secret`,
      changeApp("secret_dropped", () => ({ has_next_secret: false })),
    ],
    ["POST", `/apps/${ID}/disable`, changeApp("app_disabled", () => ({ is_disabled: true }))],
    ["POST", `/apps/${ID}/enable`, changeApp("app_enabled", () => ({ is_disabled: false }))],
    [
      "POST",
      `/apps/${ID}/check`,
      (ctx, id) => [
        200,
        find(world.apps, "app_id", id).is_disabled
          ? { ok: false, code: "app_misconfigured" }
          : { ok: true },
      ],
    ],
    ["GET", "/service-keys", (ctx) => (admin(ctx), [200, { items: world.keys, next: null }])],
    [
      "POST",
      "/service-keys",
      (ctx) => {
        admin(ctx);
        note("service_key_made", ctx);
        const key = {
          id: world.letters(8),
          name: ctx.body.name,
          scopes: ctx.body.scopes,
          created_at: world.at(Date.now()),
          created_by: ctx.operator.name,
          last_used_at: null,
          revoked_at: null,
        };
        world.keys.unshift(key);
        return [201, { key, secret: `wxk_${world.letters(43)}` }];
      },
    ],
    [
      "POST",
      `/service-keys/${ID}/revoke`,
      (ctx, id) => (
        admin(ctx),
        note("service_key_revoked", ctx),
        [200, Object.assign(find(world.keys, "id", id), { revoked_at: world.at(Date.now()) })]
      ),
    ],
    ["GET", "/operators", (ctx) => (admin(ctx), [200, { items: world.operators, next: null }])],
    [
      "POST",
      "/operators",
      (ctx) => {
        admin(ctx);
        note("operator_added", ctx);
        const operator = {
          id: `op-${world.operators.length + 1}`,
          name: ctx.body.name,
          role: ctx.body.role,
          created_at: world.at(Date.now()),
          last_sign_in_at: null,
          is_disabled: false,
        };
        world.operators.push(operator);
        return [201, secretsFor(operator)];
      },
    ],
    [
      "POST",
      `/operators/${ID}/reset`,
      (ctx, id) => (
        admin(ctx),
        note("operator_reset", ctx),
        [200, secretsFor(find(world.operators, "id", id))]
      ),
    ],
    [
      "POST",
      `/operators/${ID}/(disable|enable)`,
      (ctx, id, verb) => (
        admin(ctx),
        note(`operator_${verb}d`, ctx),
        [200, Object.assign(find(world.operators, "id", id), { is_disabled: verb === "disable" })]
      ),
    ],
    [
      "GET",
      "/audit",
      (ctx) => {
        const asked = (name) => ctx.query.get(name);
        return paged(
          world.audit.filter(
            (each) =>
              (!asked("kind") || each.kind === asked("kind")) &&
              (!asked("actor") || each.actor.name === asked("actor")) &&
              (!asked("account_id") || each.account_id === asked("account_id")) &&
              (!asked("from") || each.at >= asked("from")) &&
              (!asked("to") || each.at <= asked("to")),
          ),
          asked("cursor"),
        );
      },
    ],
    ["GET", "/audit/kinds", () => [200, { items: world.kinds }]],
    [
      "GET",
      "/audit/verify",
      () => [200, { ok: true, lines: 40218, sealed: 40212, first_bad: null }],
    ],
    ["GET", "/audit/export", (ctx) => (admin(ctx), [200, world.audit])],
  ];
}
