/** Where a mini program reports to; on this phone that is the browser's console. */

import type { Wx } from "./calling";

const LEVELS = ["debug", "info", "warn", "error"] as const;

export function reportingFunctions(): Wx {
  const logger = () => {
    const log: Wx = Object.fromEntries(
      LEVELS.map((level) => [level, (...values: unknown[]) => console[level](...values)]),
    );
    log.log = log.info;
    log.addFilterMsg = () => {};
    log.setFilterMsg = () => {};
    return log;
  };
  return {
    getLogManager: logger,
    getRealtimeLogManager: logger,
    reportEvent: () => {},
    reportAnalytics: () => {},
    reportMonitor: () => {},
    setEnableDebug: () => {},
    // A build served anew is loaded anew: there is never an older one.
    getUpdateManager: () => ({
      onCheckForUpdate: (listener: (answer: { hasUpdate: boolean }) => void) =>
        listener({ hasUpdate: false }),
      onUpdateReady: () => {},
      onUpdateFailed: () => {},
      applyUpdate: () => {},
    }),
  };
}
