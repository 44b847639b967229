/** The phone as a thing: clipboard, calls, vibration, keyboard. */

import type { Shell } from "../host/ports";
import type { Calls, Wx } from "./calling";
import { textOf } from "./parameters";
import type { Privacy } from "./privacy";

export class Clipboard {
  text = "";
}

export function deviceFunctions(
  calls: Calls,
  o: { shell: Shell; privacy: Privacy; clipboard: Clipboard; document: Document },
): Wx {
  const { shell, privacy, clipboard } = o;
  return calls.define({
    setClipboardData: async (options) => {
      const text = textOf(options, "data");
      await privacy.require("setClipboardData");
      clipboard.text = text;
      shell.showToast({ title: "内容已复制", icon: "none", duration: 1500 });
    },
    getClipboardData: async () => {
      await privacy.require("getClipboardData");
      return { data: clipboard.text };
    },
    makePhoneCall: async (options) => {
      const phone = textOf(options, "phoneNumber");
      const { confirm } = await shell.showModal({ content: phone, confirmText: "呼叫" });
      if (!confirm) throw new Error("cancel");
      shell.showToast({ title: "模拟手机不会真的拨号", icon: "none", duration: 1500 });
    },
    vibrateShort: () => vibrate(),
    vibrateLong: () => vibrate(400),
    hideKeyboard: () => {
      const { activeElement } = o.document;
      if (activeElement instanceof HTMLElement) activeElement.blur();
    },
  });
}

/** Only a real phone does; a desktop's browser has nothing to shake. */
export function vibrate(ms = 15): void {
  globalThis.navigator?.vibrate?.(ms);
}
