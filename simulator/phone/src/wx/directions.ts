/** Directions to the phone from the page around it: a lever there does something here. */

import { isRecord } from "./parameters";
import { PHONE_ANSWERS, type PhoneAnswer } from "./phone_number";

export interface Directed {
  setOffline(on: boolean): void;
  repeatCode(): void;
  setPhoneAnswer(answer: PhoneAnswer): void;
  restart(): void;
  setBackground(on: boolean): void;
  showSms(text: string): void;
  setDark(on: boolean): void;
  clearStorage(): void;
}

/** Any page may post to any window: only the page around the phone, of our own origin, is heard. */
export function listenToDirections(window: Window, directed: Directed): void {
  window.addEventListener("message", (event) => {
    if (event.origin !== window.location.origin || event.source !== window.parent) return;
    const { data } = event;
    if (!isRecord(data) || data.target !== "wechat-simulator-phone") return;
    const name = String(data.do);
    if (Object.hasOwn(WAYS, name)) WAYS[name]?.(directed, data);
  });
}

const WAYS: Record<string, (directed: Directed, direction: Record<string, unknown>) => void> = {
  offline: (directed, { on }) => directed.setOffline(on === true),
  repeatCode: (directed) => directed.repeatCode(),
  phoneAnswer: (directed, direction) => {
    const answer = PHONE_ANSWERS.find((one) => one === direction.answer);
    if (answer !== undefined) directed.setPhoneAnswer(answer);
  },
  restart: (directed) => directed.restart(),
  background: (directed, { on }) => directed.setBackground(on === true),
  sms: (directed, { text }) => directed.showSms(String(text)),
  dark: (directed, { on }) => directed.setDark(on === true),
  clearStorage: (directed) => directed.clearStorage(),
};
