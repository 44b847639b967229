import type { BuiltIn } from "../host/built_in";
import { listenForNickname } from "./nickname";
import { flag, number, string } from "./properties";
import { mountTextField, TEXT_FIELD } from "./text_field";

const KEYBOARDS: Record<string, string> = { number: "numeric", digit: "decimal" };

export const input: BuiltIn = {
  tag: "input",
  content: "none",
  properties: {
    ...TEXT_FIELD,
    type: string("text"),
    password: flag(),
    confirmType: string("done"),
    safePasswordCertPath: string(),
    safePasswordLength: number(),
    safePasswordTimeStamp: number(),
    safePasswordNonce: string(),
    safePasswordSalt: string(),
    safePasswordCustomHash: string(),
    randomNumber: flag(),
  },
  mount(self) {
    const native = document.createElement("input");
    // The browser's own suggestions are none of WeChat's.
    native.autocomplete = "off";
    const { write, changed, ...reactions } = mountTextField(self, native);
    const nickname = listenForNickname(self, native, write);
    const choose = (): void => {
      const type = String(self.get("type"));
      native.type = self.get("password") || type === "safe-password" ? "password" : "text";
      native.inputMode = KEYBOARDS[type] ?? "text";
    };
    return {
      ...reactions,
      changed: { ...changed, type: choose, password: choose },
      detached: nickname.close,
    };
  },
};
