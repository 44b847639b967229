/** The acts on one app that need no more than a reason. */

import type { App } from "@/api/types";
import { t } from "@/language";
import type { Act } from "@/parts/act";
import { api } from "@/wiring";

export function dropOldSecretAct(app: App): Act {
  return {
    title: t("apps.dropOld"),
    explanation: t("apps.dropOldSays", { app: app.app_id }),
    isDanger: true,
    done: t("apps.oldDropped"),
    run: (reason) => api.apps.dropOldSecret(app.app_id, reason),
  };
}

export function disableAppAct(app: App): Act {
  return {
    title: t("apps.disable"),
    explanation: t("apps.disableSays", { app: app.app_id }),
    isDanger: true,
    done: t("apps.disabled"),
    run: (reason) => api.apps.disable(app.app_id, reason),
  };
}

export function enableAppAct(app: App): Act {
  return {
    title: t("apps.enable"),
    explanation: t("apps.enableSays", { app: app.app_id }),
    done: t("apps.enabled"),
    run: (reason) => api.apps.enable(app.app_id, reason),
  };
}
