/** The pages and their addresses, after the `#`: the server hands out one file and no more. */

import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";
import { asProblem } from "./api/problem";
import type { Key } from "./language";
import ConsoleShell from "./layout/ConsoleShell.vue";
import NotFoundPage from "./pages/NotFoundPage.vue";
import SignInPage from "./pages/SignInPage.vue";
import AccountPage from "./pages/accounts/AccountPage.vue";
import AccountsPage from "./pages/accounts/AccountsPage.vue";
import ApplicationsPage from "./pages/applications/ApplicationsPage.vue";
import AppsPage from "./pages/apps/AppsPage.vue";
import AuditPage from "./pages/audit/AuditPage.vue";
import ServiceKeysPage from "./pages/keys/ServiceKeysPage.vue";
import MePage from "./pages/me/MePage.vue";
import MergePage from "./pages/merge/MergePage.vue";
import OperatorsPage from "./pages/operators/OperatorsPage.vue";
import OverviewPage from "./pages/overview/OverviewPage.vue";
import { setLanguage } from "./session/preferences";
import type { Act } from "./session/roles";
import { begin, isSignedIn, may } from "./session/signedIn";
import { api } from "./wiring";

declare module "vue-router" {
  interface RouteMeta {
    title?: Key;
    act?: Act;
  }
}

const inside: RouteRecordRaw[] = [
  { path: "", redirect: "/overview" },
  { path: "overview", meta: { title: "menu.overview" }, component: OverviewPage },
  { path: "accounts", meta: { title: "menu.accounts" }, component: AccountsPage },
  { path: "accounts/:id", meta: { title: "account.title" }, component: AccountPage, props: true },
  {
    path: "accounts/:id/merge",
    meta: { title: "merge.title", act: "accounts:merge" },
    component: MergePage,
    props: true,
  },
  { path: "applications", meta: { title: "menu.applications" }, component: ApplicationsPage },
  { path: "apps", meta: { title: "menu.apps" }, component: AppsPage },
  {
    path: "service-keys",
    meta: { title: "menu.keys", act: "service-keys" },
    component: ServiceKeysPage,
  },
  {
    path: "operators",
    meta: { title: "menu.operators", act: "operators" },
    component: OperatorsPage,
  },
  { path: "audit", meta: { title: "menu.audit" }, component: AuditPage },
  { path: "me", meta: { title: "menu.me" }, component: MePage },
  { path: ":rest(.*)*", meta: { title: "notFound.title" }, component: NotFoundPage },
];

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/sign-in", meta: { title: "signIn.title" }, component: SignInPage },
    { path: "/", component: ConsoleShell, children: inside },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach(async (to) => {
  if (to.path === "/sign-in") return true;
  if (!isSignedIn.value) await resume();
  if (!isSignedIn.value) return { path: "/sign-in", query: { to: to.fullPath } };
  return to.meta.act === undefined || may(to.meta.act) || "/overview";
});

/** Takes up the session that the cookie still holds, after the page was opened or reloaded. */
async function resume(): Promise<void> {
  try {
    const me = await api.session.me();
    begin(me, Date.now());
    setLanguage(me.operator.language);
  } catch (thrown) {
    asProblem(thrown);
  }
}
