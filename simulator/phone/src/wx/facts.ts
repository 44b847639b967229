/** Tells the page around the phone what happens in it, and keeps the last of it for whoever comes later. */

import type { Fact, Tell } from "../host/ports";

const KEPT = 500;

declare global {
  interface Window {
    phoneFacts?: Fact[];
  }
}

export function createFacts(window: Window, device: string): Tell {
  const facts: Fact[] = [];
  window.phoneFacts = facts;
  return (body) => {
    const fact: Fact = { source: "wechat-simulator-phone", phone: device, at: Date.now(), ...body };
    facts.push(fact);
    if (facts.length > KEPT) facts.shift();
    // Named, or any page that frames the phone would be told.
    if (window.parent !== window) window.parent.postMessage(fact, window.location.origin);
  };
}
