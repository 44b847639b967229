import { describe, expect, it, vi } from "vitest";
import { addressOf, makeCall } from "@/api/call";
import { ApiProblem, Unreachable } from "@/api/problem";

function problemAnswer(status: number, document: object, headers: Record<string, string> = {}) {
  return new Response(JSON.stringify(document), { status, headers });
}

function callOver(answer: () => Promise<Response>) {
  const fetch = vi.fn((_address: string | URL | Request, _settings?: RequestInit) => answer());
  const onSessionOver = vi.fn();
  const onAnswered = vi.fn();
  const call = makeCall({ fetch, language: () => "zh", onSessionOver, onAnswered });
  const headers = () => fetch.mock.calls[0]![1]!.headers as Record<string, string>;
  return { call, fetch, headers, onSessionOver, onAnswered };
}

const good =
  (body: unknown = {}) =>
  () =>
    Promise.resolve(new Response(JSON.stringify(body)));

describe("what is sent", () => {
  it("every act carries the header that another site cannot send", async () => {
    for (const method of ["POST", "PUT"] as const) {
      const { call, headers } = callOver(good());
      await call("/me", { method, body: { language: "en" } });
      expect(headers()["X-Wxlogin-Console"]).toBe("1");
      expect(headers()["Content-Type"]).toBe("application/json");
    }
  });

  it("an act without fields still sends a JSON body", async () => {
    const { call, fetch } = callOver(good());
    await call("/sign-out", { method: "POST" });
    expect(fetch.mock.calls[0]![1]!.body).toBe("{}");
  });

  it("a read carries neither body nor that header", async () => {
    const { call, fetch, headers } = callOver(good());
    await call("/me");
    expect(fetch.mock.calls[0]![1]).not.toHaveProperty("body");
    expect(headers()).not.toHaveProperty("X-Wxlogin-Console");
  });

  it("the server is asked for the operator's language, and nothing is cached", async () => {
    const { call, fetch, headers } = callOver(good());
    await call("/me");
    expect(headers()["Accept-Language"]).toBe("zh");
    expect(fetch.mock.calls[0]![1]).toMatchObject({
      cache: "no-store",
      credentials: "same-origin",
    });
  });

  it("a query leaves out what was not asked, and encodes what was", () => {
    const query = { kind: "a b&c", actor: "", cursor: undefined, from: null, limit: 0 };
    expect(addressOf("/audit", query)).toBe("/v1/admin/audit?kind=a+b%26c&limit=0");
    expect(addressOf("/audit")).toBe("/v1/admin/audit");
  });
});

describe("what comes back", () => {
  it("a 2xx answers with its body and starts the idle time anew", async () => {
    const { call, onAnswered } = callOver(good({ version: "0.1.0" }));
    expect(await call("/me")).toEqual({ version: "0.1.0" });
    expect(onAnswered).toHaveBeenCalledOnce();
  });

  it("a 204 answers with nothing", async () => {
    const { call } = callOver(() => Promise.resolve(new Response(null, { status: 204 })));
    expect(await call("/sign-out", { method: "POST" })).toBeUndefined();
  });

  it("a problem document becomes a typed problem", async () => {
    const document = {
      title: "请求内容不正确",
      detail: "见字段",
      code: "request_invalid",
      request_id: "req-1",
      errors: [{ field: "reason", reason: "missing" }],
      retry_after: 7,
    };
    const { call, onAnswered } = callOver(() => Promise.resolve(problemAnswer(400, document)));
    const problem: unknown = await call("/me").catch((thrown: unknown) => thrown);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({
      status: 400,
      code: "request_invalid",
      detail: "见字段",
      requestId: "req-1",
      fields: [{ field: "reason", reason: "missing" }],
      retryAfter: 7,
    });
    expect(onAnswered).not.toHaveBeenCalled();
  });

  it("a proxy's page that is no JSON is a problem too, with the request id of the header", async () => {
    const page = new Response("<html>Bad Gateway</html>", {
      status: 502,
      headers: { "X-Request-Id": "req-2" },
    });
    const { call } = callOver(() => Promise.resolve(page));
    await expect(call("/me")).rejects.toMatchObject({
      status: 502,
      code: "internal_error",
      title: "HTTP 502",
      requestId: "req-2",
    });
  });

  it("no answer at all is Unreachable, whatever the browser threw", async () => {
    const { call } = callOver(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(call("/me")).rejects.toBeInstanceOf(Unreachable);
  });
});

describe("the end of the session", () => {
  it.each([
    "session_missing",
    "session_invalid",
    "session_expired",
    "session_idle",
    "session_revoked",
  ])("%s is told once, and thrown all the same", async (code) => {
    const { call, onSessionOver } = callOver(() => Promise.resolve(problemAnswer(401, { code })));
    await expect(call("/overview")).rejects.toMatchObject({ code });
    expect(onSessionOver).toHaveBeenCalledOnce();
  });

  it("a wrong current password is a 401 that ends nothing", async () => {
    const { call, onSessionOver } = callOver(() =>
      Promise.resolve(problemAnswer(401, { code: "credentials_invalid" })),
    );
    await expect(call("/me/password", { method: "POST" })).rejects.toMatchObject({ status: 401 });
    expect(onSessionOver).not.toHaveBeenCalled();
  });

  it("a role that is too small ends nothing", async () => {
    const { call, onSessionOver } = callOver(() =>
      Promise.resolve(problemAnswer(403, { code: "scope_missing" })),
    );
    await expect(call("/operators")).rejects.toMatchObject({ status: 403 });
    expect(onSessionOver).not.toHaveBeenCalled();
  });
});
