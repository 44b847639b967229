import type { Call } from "./call";
import type { Page, Scope, ServiceKey } from "./types";

export function serviceKeysApi(call: Call) {
  return {
    list: (cursor?: string) => call<Page<ServiceKey>>("/service-keys", { query: { cursor } }),
    /** `secret` is in this answer and in no other. */
    make: (name: string, scopes: Scope[], reason: string) =>
      call<{ key: ServiceKey; secret: string }>("/service-keys", {
        method: "POST",
        body: { name, scopes, reason },
      }),
    revoke: (id: string, reason: string) =>
      call<ServiceKey>(`/service-keys/${encodeURIComponent(id)}/revoke`, {
        method: "POST",
        body: { reason },
      }),
  };
}
