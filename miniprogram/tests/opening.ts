/** The pages on the phone in jsdom: the real compiler, runtime and SDK, and a server of the test's own. */

import { join } from "node:path";
import { afterEach } from "vitest";
import { type OpenedPhone, openPhone } from "../../simulator/phone/tests/open_phone";
import { FakeServer } from "./fake_server";

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

export const MINI_PROGRAM = join(import.meta.dirname, "..");
let opened: OpenedPhone | null = null;

export interface Opened {
  phone: OpenedPhone;
  server: FakeServer;
}

/** A phone that nobody has used yet. */
export async function openPages(path?: string, server = new FakeServer()): Promise<Opened> {
  localStorage.clear();
  return { phone: await start(path, server), server };
}

/** The same phone after the mini program was closed: storage stays. */
export async function openAgain(server: FakeServer, path?: string): Promise<OpenedPhone> {
  opened?.close();
  return start(path, server);
}

export async function openSignedIn(path?: string, server = new FakeServer()): Promise<Opened> {
  const { phone } = await openPages("pages/login/login", server);
  await loginByWeChat(phone);
  server.seen.length = 0;
  return { phone: await openAgain(server, path), server };
}

export async function loginByWeChat(phone: OpenedPhone): Promise<void> {
  await phone.tap("text=微信一键登录");
  await phone.tap("text=同意并继续");
  await phone.settle();
}

/** WeChat's own dialog, which lies above the page. */
export function answerModal(phone: OpenedPhone, answer: "yes" | "no"): Promise<void> {
  const button = answer === "yes" ? ".is-primary" : ":not(.is-primary)";
  return phone.tap(`.phone-modal-buttons button${button}`);
}

/** The pages' question for the privacy guideline, then WeChat's sheet that asks for the number. */
export async function answerPhoneSheet(phone: OpenedPhone, answer: "yes" | "no"): Promise<void> {
  await phone.tap("#agree-privacy");
  await phone.tap(answer === "yes" ? ".phone-decision.is-allow" : ".phone-decision:not(.is-allow)");
  await phone.settle();
}

async function start(path: string | undefined, server: FakeServer): Promise<OpenedPhone> {
  opened = await openPhone(MINI_PROGRAM, {
    fetch: server.fetch as typeof fetch,
    ...(path === undefined ? {} : { path }),
  });
  await opened.settle();
  return opened;
}

afterEach(() => {
  opened?.close();
  opened = null;
});
