/** A plausible world for the mock server: the same at every start, at the moment it is started. */

const SURNAMES = [..."王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"];
const GIVEN = [
  "伟",
  "芳",
  "娜",
  "秀英",
  "敏",
  "静",
  "丽",
  "强",
  "磊",
  "军",
  "洋",
  "勇",
  "艳",
  "杰",
  "娟",
  "涛",
  "明",
  "超",
  "秀兰",
  "霞",
  "雨桐",
  "子涵",
  "浩然",
  "欣怡",
];
const NICKNAMES = [
  "晴天小猪",
  "南风知我意",
  "一只小橘猫",
  "Leo",
  "山海",
  "可可西里",
  "半夏",
  "老张修车",
  "momo",
  "星河滚烫",
];
const DEVICES = [
  ["iPhone 15 Pro", "ios"],
  ["HUAWEI Mate 60", "android"],
  ["Xiaomi 14", "android"],
  ["vivo X100", "android"],
  ["OPPO Find X7", "android"],
  ["HONOR Magic6", "android"],
  ["iPad Air", "ios"],
  ["Windows 微信", "windows"],
];
const COMPANIES = [
  "杭州云栖信息技术有限公司",
  "深圳市南山区鲜果时光餐饮店",
  "成都蓉城物流有限公司",
  "北京海淀智学教育科技有限公司",
  "苏州工业园区精工机械厂",
  "广州市天河区优品商贸有限公司",
  "武汉光谷生物医药有限公司",
  "厦门鹭岛旅行社有限公司",
];
const APPS = ["wx8f3a2c91d07e5b64", "wx51b7e0c2a94d8f36"];
const DOORS = ["login", "login", "login", "phone", "sms", "password"];

function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function makeWorld(nowMs) {
  const random = randomFrom(20261122);
  const below = (n) => Math.floor(random() * n);
  const pick = (list) => list[below(list.length)];
  const at = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const ago = (seconds) => at(nowMs - seconds * 1000);
  const hex = (n) => Array.from({ length: n }, () => below(16).toString(16)).join("");
  const uuid = () => `0199${hex(4)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
  const letters = (n) =>
    Array.from({ length: n }, () =>
      pick([..."ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789_-"]),
    ).join("");

  const identity = (appId, seconds) => ({
    app_id: appId,
    openid: `o${letters(27)}`,
    unionid: random() < 0.6 ? `o6_${letters(25)}` : null,
    linked_at: ago(seconds),
  });
  const session = () => {
    const [name, platform] = pick(DEVICES);
    const made = below(20 * 86400) + 600;
    return {
      session_id: uuid(),
      app_id: pick(APPS),
      device: random() < 0.9 ? { id: hex(16), name, platform } : null,
      created_at: ago(made),
      last_seen_at: ago(below(made)),
      expires_at: ago(made - 30 * 86400),
    };
  };
  const login = () => {
    const [name, platform] = pick(DEVICES);
    return {
      at: ago(below(25 * 86400)),
      app_id: pick(APPS),
      door: pick(DOORS),
      device_name: name,
      device_platform: platform,
      is_new_account: false,
    };
  };

  const accounts = Array.from({ length: 50 }, (_, i) => {
    const created = Math.floor((i + random()) * 86400 * 3.1) + 900;
    const phone =
      random() < 0.8 ? `+861${pick([..."3589"])}${String(below(1e9)).padStart(9, "0")}` : null;
    const status =
      i % 17 === 4
        ? "disabled"
        : i % 23 === 7
          ? "erasing"
          : i === 11
            ? "pending"
            : i === 30
              ? "rejected"
              : "active";
    const logins = Array.from({ length: below(14) + 1 }, login).sort((a, b) =>
      a.at < b.at ? 1 : -1,
    );
    return {
      full_phone: phone,
      account: {
        id: uuid(),
        user_id: random() < 0.7 ? String(100000 + below(899999)) : null,
        nickname:
          random() < 0.9 ? (random() < 0.5 ? pick(NICKNAMES) : pick(SURNAMES) + pick(GIVEN)) : null,
        avatar_url: null,
        phone: phone ? `${phone.slice(3, 6)}****${phone.slice(-4)}` : null,
        status,
        created_at: ago(created),
        last_login_at: logins[0]?.at ?? null,
        pool: "default",
        phone_proven_at: phone ? ago(Math.max(60, created - 300)) : null,
        disabled_until: status === "disabled" && i % 2 ? ago(-5 * 86400) : null,
        reason:
          status === "disabled"
            ? "发布违规信息，限制登录"
            : status === "rejected"
              ? "营业执照照片不清晰"
              : null,
        claims: i % 4 === 0 ? { vip: 2, channel: "双十一活动" } : {},
        username: i % 6 === 0 ? `user_${hex(5)}` : null,
        has_password: i % 6 === 0,
        erase_at: status === "erasing" ? ago(-4 * 86400) : null,
      },
      identities:
        i % 5 === 0
          ? [identity(APPS[0], created), identity(APPS[1], created / 2)]
          : [identity(APPS[i % 2], created)],
      sessions: status === "active" ? Array.from({ length: below(4) }, session) : [],
      logins,
      agreements: [
        { id: "用户协议", version: "2026-03", agreed_at: ago(created) },
        { id: "隐私政策", version: "2026-06", agreed_at: ago(created) },
      ],
    };
  });

  const applications = Array.from({ length: 11 }, (_, i) => {
    const status = i < 4 ? "pending" : i < 9 ? "approved" : "rejected";
    const decided = status === "pending" ? null : ago(86400 * i);
    return {
      id: uuid(),
      account_id: accounts[i * 3].account.id,
      company_name: COMPANIES[i % COMPANIES.length],
      credit_code:
        `91${below(9e5) + 1e5}MA${letters(8).toUpperCase().replace(/[_-]/g, "7")}X`.slice(0, 18),
      contact_name: pick(SURNAMES) + pick(GIVEN),
      phone: `138****${1000 + below(8999)}`,
      username: `ent_${hex(5)}`,
      app_id: APPS[0],
      status,
      reason: status === "rejected" ? "统一社会信用代码与企业名称不符" : null,
      submitted_at: ago(86400 * (i + 1) + 3600),
      decided_at: decided,
      decided_by: decided ? "chenli" : null,
    };
  });

  const app = (over) => ({
    app_id: APPS[0],
    kind: "mini_program",
    registration: "auto",
    phone_conflict: "reject",
    pool: "default",
    is_disabled: false,
    is_read_only: false,
    has_push_token: true,
    has_encoding_aes_key: true,
    has_next_secret: false,
    cors_origins: [],
    created_at: ago(86400 * 200),
    ...over,
  });
  const apps = [
    app({ is_read_only: true, created_at: null }),
    app({
      app_id: APPS[1],
      registration: "required",
      phone_conflict: "join",
      has_next_secret: true,
      has_encoding_aes_key: false,
      cors_origins: ["https://h5.example.com"],
    }),
    app({
      app_id: "wx0d94e6b1f72a83c5",
      kind: "mini_game",
      registration: "closed",
      pool: "game",
      has_push_token: false,
      has_encoding_aes_key: false,
      is_disabled: true,
    }),
  ];

  const keys = [
    {
      id: "01K9Z7Q3",
      name: "订单服务",
      scopes: ["introspect", "accounts:read"],
      created_at: ago(86400 * 90),
      created_by: "chenli",
      last_used_at: ago(12),
      revoked_at: null,
    },
    {
      id: "01K9Z7Q4",
      name: "风控平台",
      scopes: ["introspect", "accounts:read", "phone:read", "accounts:write", "sessions:revoke"],
      created_at: ago(86400 * 60),
      created_by: "chenli",
      last_used_at: ago(3700),
      revoked_at: null,
    },
    {
      id: "01K9Z7Q5",
      name: "旧版会员中心",
      scopes: ["introspect", "decrypt", "access-token"],
      created_at: ago(86400 * 180),
      created_by: "wanghao",
      last_used_at: null,
      revoked_at: ago(86400 * 20),
    },
  ];

  const operators = [
    {
      id: "op-1",
      name: "chenli",
      role: "admin",
      created_at: ago(86400 * 200),
      last_sign_in_at: ago(300),
      is_disabled: false,
    },
    {
      id: "op-2",
      name: "kefu01",
      role: "support",
      created_at: ago(86400 * 120),
      last_sign_in_at: ago(7200),
      is_disabled: false,
    },
    {
      id: "op-3",
      name: "wanghao",
      role: "admin",
      created_at: ago(86400 * 199),
      last_sign_in_at: ago(86400 * 45),
      is_disabled: true,
    },
  ];

  const KINDS = [
    "account_disabled",
    "account_enabled",
    "sessions_ended",
    "phone_revealed",
    "application_approved",
    "application_rejected",
    "identity_linked",
    "password_changed",
    "phone_changed",
    "erase_requested",
    "app_changed",
    "secret_rotated",
    "service_key_made",
    "operator_signed_in",
  ];
  const REASONS = [
    "用户来电要求",
    "投诉核实，编号 20261103-17",
    "资质齐全",
    "账号疑似被盗，先行下线",
    "例行更换密钥",
    "工单 #4821",
  ];
  const audit = Array.from({ length: 130 }, (_, i) => {
    const kind = pick(KINDS);
    const isPerson = [
      "identity_linked",
      "password_changed",
      "phone_changed",
      "erase_requested",
    ].includes(kind);
    const isOfAccount = ![
      "app_changed",
      "secret_rotated",
      "service_key_made",
      "operator_signed_in",
    ].includes(kind);
    const owner = pick(accounts).account;
    return {
      id: String(4000 - i),
      at: ago(i * 5400 + below(5000)),
      kind,
      actor: isPerson
        ? { kind: "person", id: null, name: null }
        : { kind: "operator", id: "op-1", name: pick(["chenli", "kefu01"]) },
      account_id: isOfAccount ? owner.id : null,
      subject: isOfAccount ? `p_${hex(10)}` : null,
      app_id: isOfAccount && !isPerson ? null : APPS[0],
      reason: isPerson || kind === "operator_signed_in" ? null : pick(REASONS),
      data:
        kind === "account_disabled"
          ? { until: ago(-86400 * 7) }
          : isPerson
            ? { door: "login" }
            : {},
      sealed: i > 5,
    };
  });

  return {
    nowMs,
    random,
    ago,
    at,
    accounts,
    applications,
    apps,
    keys,
    operators,
    audit,
    kinds: KINDS,
    letters,
    uuid,
    overview: (range) =>
      overview(range, { nowMs, at, random: randomFrom(7), accounts, applications }),
  };
}

const RANGES = { "24h": [24, 3600], "7d": [168, 3600], "30d": [120, 21600] };
const ERRCODES = [
  [40029, "invalid code", 0.5],
  [40163, "code been used", 0.3],
  [-1, "system error", 0.16],
  [45011, "api minute-quota reach limit", 0.1],
  [40226, "code blocked", 0.05],
  [50002, "user limited", 0.02],
];

function overview(range, { nowMs, at, random, accounts, applications }) {
  const [count, step] = RANGES[range] ?? RANGES["24h"];
  const start = Math.floor(nowMs / 1000 / step) * step - (count - 1) * step;
  const points = (valueAt) =>
    Array.from({ length: count }, (_, i) => ({
      at: at((start + i * step) * 1000),
      value: Math.max(0, Math.round(valueAt(start + i * step))),
    }));
  const dayShape = (s) =>
    0.25 + Math.max(0, Math.sin(((((s / 3600 + 8) % 24) - 6) / 18) * Math.PI)) ** 1.3;
  const per = step / 3600;
  const failures = ERRCODES.map(([errcode, meaning, rate]) => {
    const series = points(
      (s) =>
        dayShape(s) * 9 * rate * per * (random() * 2) +
        (errcode === -1 && random() < 0.03 ? 12 : 0),
    );
    return { errcode, meaning, count: series.reduce((sum, point) => sum + point.value, 0), series };
  });
  const live = points((s) => 41000 + dayShape(s) * 5200 + random() * 300);
  const withStatus = (status) => accounts.filter(({ account }) => account.status === status).length;
  return {
    now: at(nowMs),
    step_seconds: step,
    totals: {
      accounts: 128450 + accounts.length,
      accounts_active: 128391,
      accounts_disabled: 84 + withStatus("disabled"),
      accounts_erasing: 12 + withStatus("erasing"),
      live_sessions: live.at(-1).value,
      applications_pending: applications.filter((each) => each.status === "pending").length,
    },
    series: {
      logins: points((s) => dayShape(s) * 820 * per * (0.85 + random() * 0.3)),
      new_accounts: points((s) => dayShape(s) * 46 * per * (0.6 + random() * 0.8)),
      live_sessions: live,
    },
    failures,
  };
}
