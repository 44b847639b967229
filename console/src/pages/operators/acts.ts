/** The acts on one operator that need no more than a reason. */

import type { OperatorItem, OperatorSecrets } from "@/api/types";
import { t } from "@/language";
import type { Act } from "@/parts/act";
import { api } from "@/wiring";

export function disableOperatorAct(operator: OperatorItem): Act {
  return {
    title: t("operators.disable"),
    explanation: t("operators.disableSays", { name: operator.name }),
    isDanger: true,
    done: t("operators.disabled"),
    run: (reason) => api.operators.disable(operator.id, reason),
  };
}

export function enableOperatorAct(operator: OperatorItem): Act {
  return {
    title: t("operators.enable"),
    explanation: t("operators.enableSays", { name: operator.name }),
    done: t("operators.enabled"),
    run: (reason) => api.operators.enable(operator.id, reason),
  };
}

export function resetOperatorAct(
  operator: OperatorItem,
  show: (secrets: OperatorSecrets) => void,
): Act {
  return {
    title: t("operators.reset"),
    explanation: t("operators.resetSays", { name: operator.name }),
    isDanger: true,
    done: t("operators.resetDone"),
    run: async (reason) => show(await api.operators.reset(operator.id, reason)),
  };
}
