import { createApp, watch } from "vue";
import "tdesign-vue-next/es/style/index.css";
import "./styles/console.css";
import App from "./App.vue";
import { t } from "./language";
import { router } from "./router";
import { applyPreferences } from "./session/preferences";
import { isSignedIn } from "./session/signedIn";

applyPreferences(document.documentElement);

watch(isSignedIn, (isIn) => {
  const here = router.currentRoute.value;
  if (!isIn && here.path !== "/sign-in")
    void router.replace({ path: "/sign-in", query: { to: here.fullPath } });
});

watch(
  () => [router.currentRoute.value.meta.title, t("app.name")] as const,
  ([title, name]) => (document.title = title ? `${t(title)} - ${name}` : name),
);

createApp(App).use(router).mount("#app");
