import type { Call } from "./call";
import type { App, AppCheck, AppPolicy, NewApp, Page } from "./types";

export function appsApi(call: Call) {
  const pathOf = (appId: string) => `/apps/${encodeURIComponent(appId)}`;
  const act = (appId: string, verb: string, body: object) =>
    call<App>(`${pathOf(appId)}/${verb}`, { method: "POST", body });
  return {
    list: (cursor?: string) => call<Page<App>>("/apps", { query: { cursor } }),
    add: (app: NewApp, reason: string) =>
      call<App>("/apps", { method: "POST", body: { ...app, reason } }),
    change: (appId: string, policy: AppPolicy, reason: string) =>
      call<App>(pathOf(appId), { method: "PUT", body: { ...policy, reason } }),
    rotateSecret: (appId: string, secret: string, reason: string) =>
      act(appId, "rotate-secret", { secret, reason }),
    dropOldSecret: (appId: string, reason: string) => act(appId, "drop-old-secret", { reason }),
    disable: (appId: string, reason: string) => act(appId, "disable", { reason }),
    enable: (appId: string, reason: string) => act(appId, "enable", { reason }),
    check: (appId: string) =>
      call<AppCheck>(`${pathOf(appId)}/check`, { method: "POST", body: {} }),
  };
}
