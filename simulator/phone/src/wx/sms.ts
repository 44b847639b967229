/** An arriving text message: a banner, whose tap puts the code into the field one is in. */

import type { Shell } from "../host/ports";
import type { Clipboard } from "./device";

const CODE = /(?<!\d)\d{4,8}(?!\d)/;

export function showSms(
  text: string,
  o: { shell: Shell; clipboard: Clipboard; document: Document },
): void {
  const code = CODE.exec(text)?.[0];
  o.shell.notify({
    title: "短信",
    text,
    onTap: () => {
      if (code === undefined) return;
      const field = o.document.activeElement;
      if (field instanceof HTMLInputElement && !field.readOnly) {
        field.value = code;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        return;
      }
      o.clipboard.text = code;
      o.shell.showToast({ title: "验证码已复制", icon: "none", duration: 1500 });
    },
  });
}
