/** Puts the functions of `wx` together, and what the phone around them needs of them. */

import type { Holder, Host, PhoneConfig, Platform, Shell, Tell } from "../host/ports";
import { bytesFunctions } from "./bytes";
import { Calls, type Wx } from "./calling";
import { cloudFunctions } from "./cloud";
import { Connection } from "./connection";
import { Clipboard, deviceFunctions } from "./device";
import { type Directed, listenToDirections } from "./directions";
import { Exchanges } from "./exchange";
import { fileSystemFunctions } from "./file_system";
import { Files } from "./files";
import { imageResolver } from "./images";
import { interactionFunctions } from "./interaction";
import { Foreground, lifeFunctions } from "./life";
import { Login } from "./login";
import { Media } from "./media";
import { openMenu } from "./menu";
import { navigationFunctions } from "./navigation";
import { People } from "./people";
import { PhoneNumbers } from "./phone_number";
import { createPlatform } from "./platform";
import { Privacy } from "./privacy";
import { reportingFunctions } from "./reporting";
import { requestFunctions } from "./request";
import { Restart } from "./restart";
import { sharingFunctions } from "./sharing";
import { Sim } from "./sim";
import { showSms } from "./sms";
import { socketFunctions } from "./socket";
import { PhoneStorage, storageFunctions } from "./storage";
import { platformOf, systemFunctions } from "./system";
import { transferFunctions } from "./transfers";
import { canIUse, withUnknown } from "./unknown";

export type WxParts = {
  config: PhoneConfig;
  holder: Holder;
  shell: Shell;
  host: Host;
  tell: Tell;
  window: Window & typeof globalThis;
  /** A cold start of the mini program; storage is kept. */
  restart: () => void;
  /** Where a file of the mini program's folder is served. */
  assetUrl: (path: string) => string;
  /** `networkTimeout` of app.json, once it is known. */
  networkTimeout?: () => Record<string, number> | undefined;
  /** Tags of the built-in components, for `wx.canIUse`. */
  elements?: readonly string[];
};

export type PhoneWx = {
  wx: Wx;
  platform: Platform;
  directed: Directed;
  /** Where `wx.restartMiniProgram` wanted this start to be; told once. */
  takeStartPath: () => string | undefined;
};

export function createWx(parts: WxParts): PhoneWx {
  const { config, holder, shell, host, tell, window, restart } = parts;
  const fetch: typeof globalThis.fetch = (...request) => window.fetch(...request);
  const calls = new Calls((error) => host.reportError(error), tell);
  const connection = new Connection(config.forward, window.location.origin);
  const sim = new Sim(config, holder, fetch, connection);
  const storage = new PhoneStorage(window.localStorage, prefix("phone", parts), tell);
  // WeChat's own memory; nobody outside is told of it.
  const memory = new PhoneStorage(window.localStorage, prefix("phone-memory", parts), () => {});
  const files = new Files();
  const privacy = new Privacy(shell, memory, calls);
  const login = new Login(sim, memory);
  const numbers = new PhoneNumbers(sim, shell, privacy, memory, tell, platformOf(holder));
  const resolveImage = imageResolver(files, connection, host, parts.assetUrl);
  const media = new Media(shell, files, privacy, resolveImage);
  const people = new People(sim, shell, privacy, () => isTapped(window));
  const clipboard = new Clipboard();
  const foreground = new Foreground(host, shell, connection);
  const restarting = new Restart(memory, restart);
  const exchanges = new Exchanges(
    calls,
    connection,
    fetch,
    tell,
    (name) => parts.networkTimeout?.()?.[name],
  );

  const clearStorage = () => {
    storage.clear();
    privacy.forget();
  };
  const directed: Directed = {
    setOffline: (on) => connection.setOffline(on),
    repeatCode: () => login.repeatCode(),
    setPhoneAnswer: (answer) => {
      numbers.answer = answer;
    },
    restart,
    setBackground: (on) => (on ? foreground.leave() : foreground.comeBack()),
    showSms: (text) => showSms(text, { shell, clipboard, document: window.document }),
    setDark: (on) => host.setDark(on),
    clearStorage,
  };
  listenToDirections(window, directed);
  shell.onMenu(() => void openMenu(shell, { config, holder, restart, clearStorage }));
  shell.onLeave(() => foreground.leave());
  shell.onReturn(() => foreground.comeBack());

  const wx: Wx = {
    ...login.functions(calls),
    ...requestFunctions(exchanges),
    ...transferFunctions(exchanges, files),
    ...socketFunctions(
      calls,
      connection,
      (address, protocols) => new window.WebSocket(address, protocols),
    ),
    ...cloudFunctions(calls, { config, sim, connection }),
    ...storageFunctions(calls, storage),
    ...interactionFunctions(calls, shell, resolveImage),
    ...navigationFunctions(calls, host),
    ...restarting.functions(calls),
    ...lifeFunctions(calls, host, connection),
    ...systemFunctions(calls, { config, holder, host, shell }),
    ...people.functions(calls),
    ...privacy.functions(),
    ...media.functions(calls),
    ...fileSystemFunctions(calls, files),
    ...sharingFunctions(calls, shell, files),
    ...deviceFunctions(calls, { shell, privacy, clipboard, document: window.document }),
    ...reportingFunctions(),
    ...bytesFunctions,
  };
  wx.canIUse = canIUse(wx, parts.elements ?? []);
  const platform = createPlatform({ sim, shell, numbers, media, people, privacy, resolveImage });
  return {
    wx: withUnknown(wx),
    platform,
    directed,
    takeStartPath: () => restarting.takePath(),
  };
}

/** Two phones, and two people, do not share what lies in the browser. */
function prefix(purpose: string, { config, holder }: WxParts): string {
  const parts = [purpose, config.app_id, holder.user, holder.device];
  return `${parts.map(encodeURIComponent).join(":")}:`;
}

/** Where the browser cannot tell, the mini program is trusted. */
function isTapped(window: Window): boolean {
  return window.navigator.userActivation?.isActive ?? true;
}
