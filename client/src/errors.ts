import { rowOf } from "./answers";
import { assign } from "./assign";
import type { Action } from "./types";

/** Every way a call of this package fails. Its texts may be shown to a person. */
export class AuthError extends Error {
  /** The server's symbol; or `network_error`, `timeout`, `http_error`, `login_failed`,
   * `phone_denied`, `phone_no_quota`, `phone_no_permission`, `privacy_denied`,
   * `privacy_undeclared`, `untrusted_origin`. */
  declare readonly code: string;
  /** 0 where nothing was answered. */
  declare readonly status: number;
  declare readonly action: Action;
  declare readonly title: string;
  /** Seconds. */
  declare readonly retryAfter?: number;
  declare readonly requestId?: string;

  constructor(code: string, status = 0, told: object = {}) {
    const { detail, retry } = told as { detail?: string; retry?: Action };
    const [, action, title] = rowOf(code, status);
    super(detail || "请重试。");
    // What the server says goes over what we would say.
    assign(this, { title, action: retry || action }, told, { code, status });
  }

  /** Everything that was told, which is the error's own too: `until`, `reason`, `reasonForUser`,
   * `device`, `eraseAt`, `methods`, `canJoin`, `errors`, `minimum`, … */
  get data(): Record<string, unknown> {
    return this as unknown as Record<string, unknown>;
  }

  /** An answer may have a field of that name. */
  set data(_told) {}
}
