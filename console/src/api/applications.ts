import type { Call } from "./call";
import type { Application, ApplicationStatus, Page } from "./types";

export function applicationsApi(call: Call) {
  const decide = (id: string, verb: string, body: object) =>
    call<Application>(`/applications/${encodeURIComponent(id)}/${verb}`, { method: "POST", body });
  return {
    list: (status: ApplicationStatus, cursor?: string) =>
      call<Page<Application>>("/applications", { query: { status, cursor } }),
    approve: (id: string, reason: string) => decide(id, "approve", { reason }),
    reject: (id: string, reason_for_user: string, reason: string) =>
      decide(id, "reject", { reason_for_user, reason }),
  };
}
