/** What went wrong with a request: a problem document of the server's, or no answer at all. */

export interface FieldError {
  field: string;
  reason: string;
}

interface ProblemDocument {
  title?: string;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: FieldError[];
  retry_after?: number;
}

/** An answer of the server's that is not 2xx. `code` is the stable symbol of the API. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string | null,
    readonly requestId: string | null,
    readonly fields: readonly FieldError[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(`${status} ${code}`);
  }
}

/** No answer came: the line is down, or the console's server is. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor() {
    super("unreachable");
  }
}

export type Problem = ApiProblem | Unreachable;

const SESSION_CODES = new Set([
  "session_missing",
  "session_invalid",
  "session_expired",
  "session_idle",
  "session_revoked",
]);

/** Whether the operator has to sign in again. A wrong current password is a 401 too, and is not. */
export function isSessionOver(problem: Problem): problem is ApiProblem {
  return problem instanceof ApiProblem && problem.status === 401 && SESSION_CODES.has(problem.code);
}

/** The problem of an answer that is not 2xx, whatever its body is (a proxy's page, for one). */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const document = await documentOf(response);
  return new ApiProblem(
    response.status,
    document.code ?? "internal_error",
    document.title ?? `HTTP ${response.status}`,
    document.detail ?? null,
    document.request_id ?? response.headers.get("X-Request-Id"),
    document.errors ?? [],
    document.retry_after ?? null,
  );
}

async function documentOf(response: Response): Promise<ProblemDocument> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** The problem that a failed call threw. Anything else is a fault of ours and goes on up. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof ApiProblem || thrown instanceof Unreachable) return thrown;
  throw thrown;
}
