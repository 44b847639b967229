/** The one place where a request leaves for the operator API. */

import { isSessionOver, problemOf, Unreachable, type ApiProblem } from "./problem";
import type { Language } from "./types";

const ROOT = "/v1/admin";

type Query = Record<string, string | number | null | undefined>;

export interface Ask {
  method?: "GET" | "POST" | "PUT";
  query?: Query;
  body?: object;
}

/** Asks and answers with the JSON body; throws a Problem. 204 answers with undefined. */
export type Call = <Answer>(path: string, ask?: Ask) => Promise<Answer>;

export interface CallSettings {
  fetch: typeof fetch;
  language: () => Language;
  /** Told of every 401 that ends the operator's session. */
  onSessionOver: (problem: ApiProblem) => void;
  /** Told of every 2xx: the server has counted the idle time anew. */
  onAnswered: () => void;
}

export function makeCall(settings: CallSettings): Call {
  return async function call<Answer>(path: string, ask: Ask = {}): Promise<Answer> {
    const response = await send(settings, addressOf(path, ask.query), ask);
    if (!response.ok) {
      const problem = await problemOf(response);
      if (isSessionOver(problem)) settings.onSessionOver(problem);
      throw problem;
    }
    settings.onAnswered();
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  };
}

/** The path below /v1/admin with what the query really asks: empty values are left out. */
export function addressOf(path: string, query: Query = {}): string {
  const asked = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const text = new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${ROOT}${path}?${text}` : `${ROOT}${path}`;
}

async function send(settings: CallSettings, address: string, ask: Ask): Promise<Response> {
  const method = ask.method ?? "GET";
  const headers: Record<string, string> = {
    Accept: "application/json",
    "Accept-Language": settings.language(),
  };
  if (method !== "GET") {
    // Another site's page cannot send this header: the server takes no act without it (CSRF).
    headers["X-Wxlogin-Console"] = "1";
    headers["Content-Type"] = "application/json";
  }
  try {
    return await settings.fetch(address, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      ...(method === "GET" ? {} : { body: JSON.stringify(ask.body ?? {}) }),
    });
  } catch {
    throw new Unreachable();
  }
}
