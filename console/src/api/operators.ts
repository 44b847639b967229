import type { Call } from "./call";
import type { OperatorItem, OperatorSecrets, Page, Role } from "./types";

export function operatorsApi(call: Call) {
  const act = <Answer>(id: string, verb: string, reason: string) =>
    call<Answer>(`/operators/${encodeURIComponent(id)}/${verb}`, {
      method: "POST",
      body: { reason },
    });
  return {
    list: (cursor?: string) => call<Page<OperatorItem>>("/operators", { query: { cursor } }),
    add: (name: string, role: Role, reason: string) =>
      call<OperatorSecrets>("/operators", { method: "POST", body: { name, role, reason } }),
    disable: (id: string, reason: string) => act<OperatorItem>(id, "disable", reason),
    enable: (id: string, reason: string) => act<OperatorItem>(id, "enable", reason),
    reset: (id: string, reason: string) => act<OperatorSecrets>(id, "reset", reason),
  };
}
