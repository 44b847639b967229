import { describe, expect, it } from "vitest";
import { makeApi, type Api } from "@/api";
import type { Ask, Call } from "@/api/call";

interface Sent extends Ask {
  path: string;
}

function recorded(): { api: Api; sent: Sent[] } {
  const sent: Sent[] = [];
  const call = ((path: string, ask: Ask = {}) => {
    sent.push({ path, ...ask });
    return Promise.resolve({});
  }) as Call;
  return { api: makeApi(call), sent };
}

const REASON = "工单 4821";
const MERGE = { keep_account_id: "a", drop_account_id: "b", keep_code: "1", drop_code: "2" };

const ACTS: [string, (api: Api) => Promise<unknown>, string][] = [
  ["reveal a phone", (api) => api.accounts.revealPhone("a", REASON), "/accounts/a/reveal-phone"],
  ["disable", (api) => api.accounts.disable("a", { until: null }, REASON), "/accounts/a/disable"],
  ["enable", (api) => api.accounts.enable("a", REASON), "/accounts/a/enable"],
  ["end one", (api) => api.accounts.endSession("a", "s", REASON), "/accounts/a/end-sessions"],
  ["end all", (api) => api.accounts.endAllSessions("a", REASON), "/accounts/a/end-sessions"],
  ["erase", (api) => api.accounts.erase("a", false, REASON), "/accounts/a/erase"],
  ["restore", (api) => api.accounts.restore("a", REASON), "/accounts/a/restore"],
  ["merge", (api) => api.merges.merge(MERGE, REASON), "/merges"],
  ["approve", (api) => api.applications.approve("p", REASON), "/applications/p/approve"],
  ["reject", (api) => api.applications.reject("p", "why", REASON), "/applications/p/reject"],
  ["add an app", (api) => api.apps.add({ app_id: "wx1", secret: "s" }, REASON), "/apps"],
  ["change an app", (api) => api.apps.change("wx1", {}, REASON), "/apps/wx1"],
  ["rotate", (api) => api.apps.rotateSecret("wx1", "s", REASON), "/apps/wx1/rotate-secret"],
  ["drop", (api) => api.apps.dropOldSecret("wx1", REASON), "/apps/wx1/drop-old-secret"],
  ["disable an app", (api) => api.apps.disable("wx1", REASON), "/apps/wx1/disable"],
  ["enable an app", (api) => api.apps.enable("wx1", REASON), "/apps/wx1/enable"],
  ["make a key", (api) => api.serviceKeys.make("n", ["decrypt"], REASON), "/service-keys"],
  ["revoke a key", (api) => api.serviceKeys.revoke("k", REASON), "/service-keys/k/revoke"],
  ["add an operator", (api) => api.operators.add("n", "support", REASON), "/operators"],
  ["disable an operator", (api) => api.operators.disable("o", REASON), "/operators/o/disable"],
  ["enable an operator", (api) => api.operators.enable("o", REASON), "/operators/o/enable"],
  ["reset an operator", (api) => api.operators.reset("o", REASON), "/operators/o/reset"],
];

describe("acts", () => {
  it.each(ACTS)("%s goes with its reason", async (_name, act, path) => {
    const { api, sent } = recorded();
    await act(api);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ path, body: { reason: REASON } });
    expect(["POST", "PUT"]).toContain(sent[0]!.method);
  });

  it("one session is named, all are not", async () => {
    const { api, sent } = recorded();
    await api.accounts.endSession("a", "s", REASON);
    await api.accounts.endAllSessions("a", REASON);
    expect(sent.map((each) => each.body)).toEqual([
      { session_id: "s", reason: REASON },
      { reason: REASON },
    ]);
  });
});

describe("addresses", () => {
  it("what is searched for stands in the body and in no address: it may be a phone number", async () => {
    const { api, sent } = recorded();
    await api.accounts.search({ q: "13800006666" });
    expect(sent[0]).toMatchObject({ method: "POST", body: { q: "13800006666" } });
    expect(JSON.stringify([sent[0]!.path, sent[0]!.query ?? {}])).not.toContain("138");
  });

  it("an id cannot leave its place in the path", async () => {
    const { api, sent } = recorded();
    await api.accounts.get("../operators?x=1#");
    await api.apps.check("a/../../me");
    expect(sent.map((each) => each.path)).toEqual([
      "/accounts/..%2Foperators%3Fx%3D1%23",
      "/apps/a%2F..%2F..%2Fme/check",
    ]);
  });

  it("the export is an address with its days and its format", () => {
    const { api, sent } = recorded();
    expect(api.audit.exportAddress("2026-11-01T00:00:00Z", undefined, "csv")).toBe(
      "/v1/admin/audit/export?from=2026-11-01T00%3A00%3A00Z&format=csv",
    );
    expect(sent).toHaveLength(0);
  });
});
