/** Foreground and background, theme and network: what the mini program may listen to, and the launch it came from. */

import type { Host, HostEvents, Shell } from "../host/ports";
import type { Calls, Wx } from "./calling";
import type { Connection } from "./connection";

/** From then on requests are interrupted. */
const INTERRUPTED_AFTER = 5000;

export class Foreground {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: Host,
    private readonly shell: Shell,
    private readonly connection: Connection,
  ) {}

  leave(): void {
    if (!this.host.isInForeground()) return;
    this.host.hideApp();
    this.shell.setAway(true);
    this.timer = setTimeout(() => this.connection.setInterrupted(true), INTERRUPTED_AFTER);
  }

  comeBack(): void {
    if (this.host.isInForeground()) return;
    clearTimeout(this.timer);
    this.connection.setInterrupted(false);
    this.shell.setAway(false);
    this.host.showApp();
  }
}

const EVENTS: Record<string, keyof HostEvents> = {
  AppShow: "appShow",
  AppHide: "appHide",
  Error: "error",
  UnhandledRejection: "unhandledRejection",
  PageNotFound: "pageNotFound",
  ThemeChange: "themeChange",
};

export function lifeFunctions(calls: Calls, host: Host, connection: Connection): Wx {
  const wx: Wx = {
    getLaunchOptionsSync: () => host.launchOptions(),
    getEnterOptionsSync: () => host.launchOptions(),
    ...calls.define({ getNetworkType: () => networkOf(!connection.isOffline) }),
  };
  for (const [name, kind] of Object.entries(EVENTS)) {
    listening(wx, name, calls, (hear) => host.listen(kind, hear));
  }
  listening(wx, "NetworkStatusChange", calls, (hear) =>
    connection.onChange((isConnected) => hear({ isConnected, ...networkOf(isConnected) })),
  );
  return wx;
}

/** `wx.on<Name>`, and `wx.off<Name>` with one listener or, without, for all. */
function listening(
  wx: Wx,
  name: string,
  calls: Calls,
  start: (hear: (event: unknown) => void) => unknown,
): void {
  const listeners = new Set<unknown>();
  start((event) => {
    for (const listener of [...listeners]) calls.run(listener, event);
  });
  wx[`on${name}`] = (listener: unknown) => void listeners.add(listener);
  wx[`off${name}`] = (listener?: unknown) => {
    if (listener === undefined) listeners.clear();
    else listeners.delete(listener);
  };
}

function networkOf(isConnected: boolean) {
  return { networkType: isConnected ? "wifi" : "none" };
}
