/** `wx.cloud.callContainer`: a call by way of WeChat, which tells the server in headers who calls. */

import type { PhoneConfig } from "../host/ports";
import { type Calls, type Given, type Result, type Wx, WxFailure } from "./calling";
import type { Connection } from "./connection";
import { numberOr, recordOr, textOf, textOr } from "./parameters";
import type { Sim } from "./sim";

const TIMEOUT = 15_000;

export function cloudFunctions(
  calls: Calls,
  o: { config: PhoneConfig; sim: Sim; connection: Connection },
): Wx {
  const callContainer = (options: Given): Promise<Result> => {
    const [origin] = Object.keys(o.config.forward);
    const path = textOf(options, "path");
    if (origin === undefined || !path.startsWith("/")) {
      throw new WxFailure("INVALID_PATH", { errCode: 102003 });
    }
    return o.connection.run(new AbortController(), numberOr(options, "timeout", TIMEOUT), () =>
      o.sim.ask("callContainer", {
        url: origin + path,
        method: textOr(options, "method", "GET").toUpperCase(),
        header: recordOr(options, "header"),
        data: options.data,
      }),
    );
  };
  const told = calls.defineTold({ "cloud.callContainer": callContainer });
  return { cloud: { init: () => {}, callContainer: told["cloud.callContainer"] } };
}
