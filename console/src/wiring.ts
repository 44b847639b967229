/** Puts the parts together, once: the call, the session that it keeps, and the other tabs. */

import { makeApi } from "./api";
import { makeCall } from "./api/call";
import { language } from "./session/preferences";
import { end, heard, isSignedIn } from "./session/signedIn";
import { joinTabs } from "./session/tabs";

const tabs = joinTabs(new BroadcastChannel("wxlogin-operator"), {
  onHeard: heard,
  onOver: () => isSignedIn.value && end("session_revoked"),
});

export const api = makeApi(
  makeCall({
    fetch: (address, settings) => fetch(address, settings),
    language: () => language.value,
    onSessionOver: (problem) => end(problem.code),
    onAnswered: () => {
      const now = Date.now();
      heard(now);
      if (isSignedIn.value) tabs.heard(now);
    },
  }),
);

/** Signs out here and in this browser's other tabs, whether or not the server could be told. */
export async function signOut(): Promise<void> {
  try {
    await api.session.signOut();
  } finally {
    end(null);
    tabs.over();
  }
}
