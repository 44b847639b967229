/**
 * The server and the simulated WeChat as the pages meet them, in a few rules: enough to answer what
 * a page asks, and to refuse it as the real one does. The real ones are driven by the browser's tests.
 */

export interface Seen {
  method: string;
  path: string;
  body: Record<string, unknown>;
  token: string | null;
}

type Problem = {
  status: number;
  code: string;
  title?: string;
  detail?: string;
  [fact: string]: unknown;
};
type Answer = { status: number; body?: unknown } | Problem;
type Route = (body: Record<string, unknown>, path: string) => Answer;

const DAY = 86_400;
const APP_ID = "wx0123456789abcdef";

export class FakeServer {
  readonly seen: Seen[] = [];
  offline = false;
  /** What the next calls of a path are answered, in the place of the rules below. */
  readonly refusals = new Map<string, Problem>();
  /** Why the token that is held is worth nothing any more. */
  ended: Problem | null = null;
  linked = true;
  account: Record<string, unknown> = accountOf(null);
  devices = [
    session("s1", "iPhone 17", true),
    session("s2", "Mate 90", false),
    session("s3", "iPad", false),
  ];
  application: Record<string, unknown> = { status: "pending" };
  private tokens = 0;
  private codes = 0;

  readonly fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    if (this.offline) throw new TypeError("Failed to fetch");
    const { pathname, search } = new URL(String(input), location.href);
    const path = pathname + search;
    const method = init.method ?? "GET";
    const header = new Headers(init.headers);
    const token = header.get("authorization")?.replace("Bearer ", "") ?? null;
    const body = typeof init.body === "string" ? JSON.parse(init.body) : {};
    this.seen.push({ method, path, body, token });
    return asResponse(this.answer(method, path, body, token));
  };

  /** The calls of a path, without those of the simulator unless it is one. */
  calls(path: string): Seen[] {
    return this.seen.filter((call) => call.path === path);
  }

  private answer(
    method: string,
    path: string,
    body: Record<string, unknown>,
    token: string | null,
  ): Answer {
    const refusal = this.refusals.get(path);
    if (refusal !== undefined) return refusal;
    const open = this.open[`${method} ${path}`];
    if (open !== undefined) return open(body, path);
    if (path.startsWith("/v1/register/enterprise/")) return { status: 200, body: this.application };
    if (token === null) return { status: 401, code: "session_missing" };
    if (this.ended !== null) return this.ended;
    if (token !== `token-${this.tokens}`) return { status: 401, code: "session_invalid" };
    if (method === "DELETE" && path.startsWith("/v1/sessions")) return this.endSessions(path);
    const own = this.own[`${method} ${path}`];
    return own === undefined ? { status: 404, code: "not_found" } : own(body, path);
  }

  private readonly open: Record<string, Route> = {
    "POST /sim/wx/login": () => {
      this.codes += 1;
      return { status: 200, body: { code: `code-${this.codes}`, errMsg: "login:ok" } };
    },
    "POST /sim/users": () => ({
      status: 200,
      body: { user_id: "ann", name: "ann", phone: "+8613800006666" },
    }),
    "POST /sim/wx/getPhoneNumber": ({ answer }) => ({
      status: 200,
      body:
        answer === "allow"
          ? { errMsg: "getPhoneNumber:ok", code: "phone-code", encryptedData: "e", iv: "i" }
          : { errMsg: "getPhoneNumber:fail user deny" },
    }),
    "GET /readyz": () => ({ status: 200, body: { status: "ready" } }),
    "POST /v1/login": () => this.enter(),
    "POST /v1/login/password": () => this.enter(),
    "POST /v1/login/sms": () => this.enter(),
    "POST /v1/login/phone": () => this.enter(),
    "POST /v1/register/mobile": () => ({ ...this.enter(), status: 201 }),
    "POST /v1/register/enterprise": () => ({
      status: 202,
      body: { application_id: "application-1", status: "pending" },
    }),
    "POST /v1/me/restore": () => this.enter(),
    "POST /v1/verification-codes": () => ({
      status: 202,
      body: { resend_in: 60, expires_in: 300 },
    }),
    "POST /v1/password/reset": () => ({ status: 204 }),
  };

  private readonly own: Record<string, Route> = {
    "GET /v1/me": () => ({ status: 200, body: this.account }),
    "GET /v1/session": () => ({
      status: 200,
      body: {
        session_id: "s1",
        account_id: "a1",
        user_id: null,
        app_id: APP_ID,
        expires_in: 30 * DAY - 1,
        idle_expires_in: 7 * DAY,
        created_at: "2026-11-22T08:00:00Z",
        last_seen_at: "2026-11-22T08:00:00Z",
        claims: {},
      },
    }),
    "GET /v1/sessions": () => ({ status: 200, body: { items: this.devices } }),
    "DELETE /v1/session": () => ({ status: 204 }),
    "PUT /v1/me/profile": ({ nickname }) => {
      this.account = { ...this.account, nickname };
      return { status: 200, body: this.account };
    },
    "POST /v1/me/avatar": () => ({ status: 200, body: { avatar_url: "/v1/avatars/1" } }),
    "POST /v1/me/phone": () => {
      this.account = { ...this.account, phone: "138****6666" };
      return { status: 200, body: { phone: "138****6666", country_code: "86" } };
    },
    "POST /v1/me/password": () => ({ status: 204 }),
    "POST /v1/me/identities": () => {
      this.linked = true;
      return { status: 200, body: accountOf(APP_ID) };
    },
    "POST /v1/me/identities/unlink": () => ({ status: 204 }),
    "POST /v1/me/support-code": () => ({
      status: 200,
      body: { code: "01234567", expires_in: 600 },
    }),
    "POST /v1/me/export": () => ({
      status: 200,
      body: { account: { id: "a1" }, logins: [{}, {}] },
    }),
    "POST /v1/me/erase": () => ({ status: 202, body: { erase_at: "2026-11-29T08:00:00Z" } }),
    "POST /v1/session/wechat-check": () => ({ status: 200, body: { wechat_session: "valid" } }),
  };

  private enter(): Answer {
    this.tokens += 1;
    this.ended = null;
    this.account = accountOf(this.linked ? APP_ID : null);
    const body = {
      token: `token-${this.tokens}`,
      token_type: "Bearer",
      expires_in: 30 * DAY,
      idle_expires_in: 7 * DAY,
      session_id: "s1",
      is_new_account: false,
      account: this.account,
    };
    return { status: 200, body };
  }

  private endSessions(path: string): Answer {
    const id = path.slice("/v1/sessions/".length);
    this.devices = this.devices.filter((device) =>
      path.includes("?keep=current") ? device.current : device.session_id !== id,
    );
    return { status: 204 };
  }
}

function accountOf(appId: string | null): Record<string, unknown> {
  return {
    id: "a1",
    user_id: null,
    nickname: "小明",
    avatar_url: null,
    phone: null,
    status: "active",
    created_at: "2026-11-22T08:00:00Z",
    identities: appId === null ? [] : [{ app_id: appId, linked_at: "2026-11-22T08:00:00Z" }],
  };
}

function session(id: string, name: string, current: boolean) {
  const device = { id: `device-${id}`, name, platform: "ios" };
  const at = "2026-11-22T08:00:00Z";
  return { session_id: id, device, created_at: at, last_seen_at: at, current };
}

function asResponse(answer: Answer): Response {
  if (!("code" in answer)) {
    const hasBody = answer.status !== 204;
    return new Response(hasBody ? JSON.stringify(answer.body) : null, {
      status: answer.status,
      headers: { "content-type": "application/json" },
    });
  }
  const problem = {
    type: `urn:wxlogin:problem:${answer.code}`,
    title: answer.code,
    detail: answer.code,
    request_id: "request-1",
    ...answer,
  };
  return new Response(JSON.stringify(problem), {
    status: answer.status,
    headers: {
      "content-type": "application/problem+json",
      "www-authenticate": `Bearer error="invalid_token", code="${answer.code}"`,
    },
  });
}
