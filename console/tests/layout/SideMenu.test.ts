import { createApp, type App } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { afterEach, describe, expect, it } from "vitest";
import type { Role } from "@/api/types";
import { MENU } from "@/layout/menu";
import SideMenu from "@/layout/SideMenu.vue";
import { begin, end } from "@/session/signedIn";

let app: App | undefined;

afterEach(() => {
  app?.unmount();
  end(null);
});

async function menuOf(role: Role, path = "/overview"): Promise<HTMLElement> {
  const operator = { id: "op", name: "n", role, language: "zh" as const };
  begin({ operator, expires_in: 60, idle_expires_in: 60 }, 0);
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: "/:rest(.*)*", component: {} }],
  });
  await router.push(path);
  const root = document.createElement("div");
  app = createApp(SideMenu).use(router);
  app.mount(root);
  return root;
}

describe("the menu", () => {
  it("shows an admin everything", async () => {
    const root = await menuOf("admin");
    expect(root.querySelectorAll("a")).toHaveLength(MENU.length);
  });

  it("shows support neither service keys nor operators", async () => {
    const root = await menuOf("support");
    expect(root.textContent).not.toMatch(/服务密钥|操作员/);
    expect(root.querySelectorAll("a")).toHaveLength(MENU.length - 2);
  });

  it("marks the list that an account's page belongs to", async () => {
    const root = await menuOf("support", "/accounts/0199");
    expect(root.querySelector("[aria-current=page]")?.textContent).toBe("账号");
  });
});
