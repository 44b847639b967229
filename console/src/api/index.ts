/** The operator API as typed functions. Every act takes the operator's reason as its last argument. */

import { accountsApi } from "./accounts";
import { applicationsApi } from "./applications";
import { appsApi } from "./apps";
import { auditApi } from "./audit";
import type { Call } from "./call";
import { mergesApi } from "./merges";
import { operatorsApi } from "./operators";
import { overviewApi } from "./overview";
import { serviceKeysApi } from "./serviceKeys";
import { sessionApi } from "./session";

export function makeApi(call: Call) {
  return {
    session: sessionApi(call),
    overview: overviewApi(call),
    accounts: accountsApi(call),
    merges: mergesApi(call),
    applications: applicationsApi(call),
    apps: appsApi(call),
    serviceKeys: serviceKeysApi(call),
    operators: operatorsApi(call),
    audit: auditApi(call),
  };
}

export type Api = ReturnType<typeof makeApi>;
