import type { Component } from "vue";
import {
  AppIcon,
  ChartIcon,
  HistoryIcon,
  KeyIcon,
  SecuredIcon,
  UserIcon,
  VerifiedIcon,
} from "tdesign-icons-vue-next";
import type { Key } from "@/language";
import type { Act } from "@/session/roles";

export interface MenuItem {
  to: string;
  title: Key;
  icon: Component;
  act?: Act;
}

export const MENU: readonly MenuItem[] = [
  { to: "/overview", title: "menu.overview", icon: ChartIcon },
  { to: "/accounts", title: "menu.accounts", icon: UserIcon },
  { to: "/applications", title: "menu.applications", icon: VerifiedIcon },
  { to: "/apps", title: "menu.apps", icon: AppIcon },
  { to: "/service-keys", title: "menu.keys", icon: KeyIcon, act: "service-keys" },
  { to: "/operators", title: "menu.operators", icon: SecuredIcon, act: "operators" },
  { to: "/audit", title: "menu.audit", icon: HistoryIcon },
];
