/** Stands where `wxlogin console` stands: the operator API over made-up data, and the built pages
 * under the real headers. `node mock/server.mjs [port]`; sign in as chenli (admin) or kefu01
 * (support), password `console`, one-time code 123456. */

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { makeRoutes, Refusal } from "./routes.mjs";
import { makeWorld } from "./world.mjs";

const STATIC = fileURLToPath(new URL("../../src/wxlogin/console/static", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
};
const IDLE_S = Number(process.env.MOCK_IDLE_SECONDS ?? 1800);

const world = makeWorld(Date.now());
const routes = makeRoutes(world).map(([method, path, handler]) => [
  method,
  new RegExp(`^${path}$`),
  handler,
]);
const sessions = new Map();

async function bodyOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return text ? JSON.parse(text) : {};
}

function signIn(body) {
  const found = world.operators.find((each) => each.name === body.name && !each.is_disabled);
  if (!found || body.password !== "console" || body.totp !== "123456")
    throw new Refusal(401, "credentials_invalid", "用户名、密码或动态验证码错误");
  const token = randomUUID();
  const operator = { id: found.id, name: found.name, role: found.role, language: "zh" };
  sessions.set(token, {
    operator,
    endsAt: Date.now() + 43200e3,
    idleEndsAt: Date.now() + IDLE_S * 1000,
  });
  return token;
}

const signedInOf = (session) => ({
  operator: session.operator,
  expires_in: Math.floor((session.endsAt - Date.now()) / 1000),
  idle_expires_in: IDLE_S,
});

function sessionOf(request) {
  const token = /wxlogin_operator=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  if (!token) throw new Refusal(401, "session_missing", "请先登录");
  const session = sessions.get(token);
  if (!session) throw new Refusal(401, "session_invalid", "登录状态无效");
  if (session.idleEndsAt < Date.now()) throw new Refusal(401, "session_idle", "长时间未操作");
  session.idleEndsAt = Date.now() + IDLE_S * 1000;
  return { token, session };
}

async function answerApi(request, url, path) {
  if (request.method !== "GET" && request.headers["x-wxlogin-console"] !== "1")
    throw new Refusal(403, "scope_missing", "缺少 X-Wxlogin-Console");
  const body = request.method === "GET" ? {} : await bodyOf(request);
  if (path === "/sign-in") {
    const token = signIn(body);
    return [
      200,
      signedInOf(sessions.get(token)),
      { "Set-Cookie": `wxlogin_operator=${token}; HttpOnly; SameSite=Strict; Path=/v1/admin` },
    ];
  }
  const { token, session } = sessionOf(request);
  if (path === "/sign-out") {
    sessions.delete(token);
    return [204];
  }
  const ctx = {
    body,
    query: url.searchParams,
    operator: session.operator,
    signedIn: () => signedInOf(session),
  };
  for (const [method, pattern, handler] of routes) {
    const match = pattern.exec(path);
    if (match && method === request.method)
      return handler(ctx, ...match.slice(1).map(decodeURIComponent));
  }
  throw new Refusal(404, "not_found", "没有找到");
}

async function serveApi(request, response, url) {
  const requestId = randomUUID();
  const send = (status, body, more = {}, type = "application/json") =>
    response
      .writeHead(status, {
        "Content-Type": type,
        "X-Request-Id": requestId,
        "Cache-Control": "no-store",
        ...more,
      })
      .end(body === undefined ? undefined : JSON.stringify(body));
  try {
    send(...(await answerApi(request, url, url.pathname.slice("/v1/admin".length))));
  } catch (thrown) {
    const { status = 500, code = "internal_error", detail = String(thrown), more = {} } = thrown;
    send(
      status,
      {
        type: `about:blank#${code}`,
        title: detail,
        status,
        detail: null,
        code,
        request_id: requestId,
        ...more,
      },
      {},
      "application/problem+json",
    );
  }
}

async function serveStatic(response, path) {
  const file = join(STATIC, normalize(path === "/" ? "/index.html" : path));
  try {
    const bytes = await readFile(file);
    response
      .writeHead(200, {
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        ...HEADERS,
      })
      .end(bytes);
  } catch {
    response.writeHead(404, HEADERS).end();
  }
}

const port = Number(process.argv[2] ?? 8001);
createServer((request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  void (url.pathname.startsWith("/v1/admin/")
    ? serveApi(request, response, url)
    : serveStatic(response, url.pathname));
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
