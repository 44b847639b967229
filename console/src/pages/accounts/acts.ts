/** The acts on one account that need no more than a reason. */

import type { Account, Session } from "@/api/types";
import { t } from "@/language";
import { formatTime } from "@/language/format";
import type { Act } from "@/parts/act";
import { api } from "@/wiring";

export function enableAct(account: Account): Act {
  return {
    title: t("account.enable"),
    explanation: t("account.enableSays"),
    done: t("account.enabled"),
    run: (reason) => api.accounts.enable(account.id, reason),
  };
}

export function endAllAct(account: Account): Act {
  return {
    title: t("account.endAll"),
    explanation: t("account.endAllSays"),
    isDanger: true,
    done: t("account.sessionsEnded"),
    run: (reason) => api.accounts.endAllSessions(account.id, reason),
  };
}

export function endOneAct(account: Account, session: Session): Act {
  return {
    title: t("account.endOne"),
    explanation: t("account.endOneSays", {
      device: session.device?.name ?? t("account.unknownDevice"),
      at: formatTime(session.created_at),
    }),
    isDanger: true,
    done: t("account.sessionsEnded"),
    run: (reason) => api.accounts.endSession(account.id, session.session_id, reason),
  };
}

export function restoreAct(account: Account): Act {
  return {
    title: t("account.restore"),
    explanation: t("account.restoreSays"),
    done: t("account.restored"),
    run: (reason) => api.accounts.restore(account.id, reason),
  };
}
