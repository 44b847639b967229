/** The phone's page: who holds it says the address, what it runs says `app.js`. */

import type { CompiledApp } from "./host/compiled";
import { errorText } from "./host/mistakes";
import type { Holder, PhoneConfig } from "./host/ports";
import { createPhone } from "./phone";
import { listenForNews } from "./reload";
import { createFacts } from "./wx/facts";

const query = new URLSearchParams(location.search);
const holder: Holder = {
  user: query.get("user") || "ann",
  device: query.get("device") || "phone-1",
  dark: query.get("dark") === "1",
};
const tell = createFacts(window, holder.device);
const restart = (): void => location.reload();

/** `app.js` calls this; the file is loaded after this one. */
const compiled = new Promise<CompiledApp>((resolve, reject) => {
  Object.assign(globalThis, { wechatSimulatorApp: resolve });
  window.addEventListener("load", () => reject(new Error("没有小程序 (app/app.js is not there)")));
});
compiled.catch(() => {}); // Told by whoever waits for it.

async function start(): Promise<void> {
  const answer = await fetch("config.json");
  if (!answer.ok) throw new Error(`config.json: HTTP ${answer.status}`);
  const config = (await answer.json()) as PhoneConfig;
  const phone = createPhone({ config, holder, tell, window, restart });
  if (config.reload) {
    listenForNews(config.reload, holder.user, phone.directed);
  }
  phone.start(await compiled, query.get("path") ?? undefined);
}

start().catch((error) => {
  console.error(error);
  tell({ kind: "error", text: errorText(error) });
  document.body.append(String(error));
});
