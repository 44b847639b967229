/** The login server in a few lines: its rules about sessions, and what a test wants to go wrong. */

export interface Reply {
  statusCode: number;
  data?: unknown;
  header: Record<string, string>;
}

export interface Incoming {
  method: string;
  path: string;
  body: Record<string, unknown>;
  token: string | undefined;
  header: Record<string, string>;
}

interface HeldSession {
  account: string;
  device: string;
  end?: { code: string; facts?: object };
}

export const problem = (status: number, code: string, facts: object = {}): Reply => ({
  statusCode: status,
  data: {
    type: `urn:wxlogin:problem:${code}`,
    title: `title of ${code}`,
    detail: `detail of ${code}`,
    status,
    code,
    request_id: "req-1",
    ...facts,
  },
  header: { "Content-Type": "application/problem+json", ...challenge(status, code) },
});

const challenge = (status: number, code: string): Record<string, string> =>
  status === 401 ? { "WWW-Authenticate": `Bearer error="invalid_token", code="${code}"` } : {};

const ok = (data: unknown, statusCode = 200): Reply => ({ statusCode, data, header: {} });

export class FakeServer {
  /** What arrived, oldest first. */
  readonly seen: Incoming[] = [];
  readonly sessions = new Map<string, HeldSession>();
  /** Answers by `METHOD /path`, instead of the rules below; a null falls through to them. */
  readonly rules = new Map<string, (incoming: Incoming) => Reply | null>();
  maxSessions = 10;
  expiresIn = 2592000;
  identities: { app_id: string; linked_at: string }[] | null = null;
  private readonly spent = new Set<string>();
  private made = 0;

  count(path: string): number {
    return this.seen.filter((each) => each.path === path).length;
  }

  last(path: string): Incoming {
    const found = this.seen.filter((each) => each.path === path).pop();
    if (!found) throw new Error(`nothing arrived at ${path}`);
    return found;
  }

  /** Ends every live session, as the operator's kick, the clock, … do. */
  endAll(code: string, facts: object = {}): void {
    for (const session of this.sessions.values()) session.end ??= { code, facts };
  }

  refuse(door: string, reply: Reply): void {
    this.rules.set(door, () => reply);
  }

  answer(incoming: Incoming): Reply {
    this.seen.push(incoming);
    const [path = ""] = incoming.path.split("?");
    const rule = this.rules.get(`${incoming.method} ${path}`);
    return rule?.(incoming) ?? this.byRule(incoming, path);
  }

  private byRule(incoming: Incoming, path: string): Reply {
    const { method, body } = incoming;
    if (method === "POST" && /^\/v1\/(login|me\/restore|register\/mobile)/.test(path)) {
      return this.login(body);
    }
    if (path === "/v1/verification-codes") return ok({ resend_in: 60, expires_in: 300 }, 202);
    if (path === "/v1/password/reset") return { statusCode: 204, data: "", header: {} };
    if (path === "/open") return ok({ guest: !incoming.token });
    const over = this.refusal(incoming.token);
    if (over) return over;
    return this.owned(incoming, path);
  }

  private login(body: Record<string, unknown>): Reply {
    const code = body.code as string | undefined;
    if (code !== undefined) {
      if (this.spent.has(code)) return problem(400, "code_used");
      this.spent.add(code);
    }
    const account = code ? (code.split(".")[0] ?? "") : "words";
    return this.open(account, (body.device as { id: string }).id);
  }

  private open(account: string, device: string): Reply {
    const token = `token-${++this.made}.secret`;
    for (const session of this.sessions.values()) {
      if (session.account === account && session.device === device) this.replace(session);
    }
    const live = [...this.sessions.values()].filter(
      (each) => each.account === account && !each.end,
    );
    for (const session of live.slice(0, Math.max(0, live.length + 1 - this.maxSessions))) {
      this.replace(session);
    }
    this.sessions.set(token, { account, device });
    return ok({
      token,
      token_type: "Bearer",
      expires_in: this.expiresIn,
      idle_expires_in: 604800,
      session_id: `session-${this.made}`,
      is_new_account: this.made === 1,
      account: this.account(account),
    });
  }

  private replace(session: HeldSession): void {
    const device = { name: "Other Phone", platform: "ios" };
    session.end ??= { code: "session_replaced", facts: { device } };
  }

  account(id: string): object {
    return {
      id,
      user_id: null,
      nickname: null,
      avatar_url: "/v1/avatars/a1",
      phone: null,
      status: "active",
      created_at: "2026-03-01T08:00:00Z",
      identities: this.identities ?? [{ app_id: "wxapp", linked_at: "2026-03-01T08:00:00Z" }],
    };
  }

  private refusal(token: string | undefined): Reply | null {
    if (!token) return problem(401, "session_missing");
    const session = this.sessions.get(token);
    if (!session) return problem(401, "session_invalid");
    return session.end ? problem(401, session.end.code, session.end.facts) : null;
  }

  private owned({ method, token }: Incoming, path: string): Reply {
    const session = this.sessions.get(token as string) as HeldSession;
    if (path === "/v1/session" && method === "DELETE") {
      session.end = { code: "session_revoked", facts: { reason: "logged_out" } };
      return { statusCode: 204, data: "", header: {} };
    }
    if (path === "/v1/me" || path === "/v1/me/profile" || path === "/v1/me/identities") {
      return ok(this.account(session.account));
    }
    if (path === "/v1/me/phone") return ok({ phone: "138****6666", country_code: "86" });
    if (path === "/v1/me/avatar") return ok({ avatar_url: "/v1/avatars/new" });
    if (path === "/v1/me/erase") return ok({ erase_at: "2026-12-01T00:00:00Z" }, 202);
    return ok({ path, account: session.account });
  }
}
