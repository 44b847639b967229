/** The parts of the phone, put together. */

import { builtIns } from "./components";
import type { CompiledApp } from "./host/compiled";
import { assetUrl } from "./host/dressing";
import { PhoneHost } from "./host/host";
import type { Holder, PhoneConfig, Shell, Tell } from "./host/ports";
import { createShell, type ShellOptions } from "./shell/create";
import { createWx, type PhoneWx } from "./wx/create";

export type PhoneParts = {
  config: PhoneConfig;
  holder: Holder;
  tell: Tell;
  window: Window & typeof globalThis;
  /** A cold start of the mini program. */
  restart(): void;
  paint?: ShellOptions["paint"];
};

export type Phone = PhoneWx & {
  shell: Shell;
  host: PhoneHost;
  /** Runs a mini program, at its first page or at another. */
  start(compiled: CompiledApp, url?: string): void;
};

export function createPhone({ config, holder, tell, window, restart, paint }: PhoneParts): Phone {
  const shell = createShell(window.document, {
    label: config.label,
    user: holder.user,
    ...(paint && { paint }),
  });
  const host = new PhoneHost({ shell, tell, dark: holder.dark, builtIns });
  let networkTimeout: Record<string, number> | undefined;
  const parts = createWx({
    config,
    holder,
    shell,
    host,
    tell,
    window,
    restart,
    assetUrl,
    networkTimeout: () => networkTimeout,
    elements: builtIns.map(({ tag }) => tag),
  });
  return {
    ...parts,
    shell,
    host,
    start(compiled, url) {
      networkTimeout = compiled.config.networkTimeout;
      window.document.documentElement.dataset.style = compiled.config.style ?? "";
      Object.assign(globalThis, { wx: parts.wx });
      host.start(compiled, parts.platform, parts.takeStartPath() ?? url);
    },
  };
}
