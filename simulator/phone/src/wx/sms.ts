/** An arriving text message: a banner, whose tap puts the code where it is asked for. */

import type { Shell } from "../host/ports";
import type { Clipboard } from "./device";

const CODE = /(?<!\d)\d{4,8}(?!\d)/;
/** A field of this length asks for a phone number, not for a code. */
const PHONE_NUMBER = 11;
const NO_TEXT = new Set(["button", "checkbox", "file", "image", "radio", "range", "submit"]);

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
      const field = focusedField(o.document) ?? fieldFor(code, o.document);
      if (field) {
        field.value = code;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        return;
      }
      o.clipboard.text = code;
      copyInBrowser(code);
      o.shell.showToast({ title: "验证码已复制", icon: "none", duration: 1500 });
    },
  });
}

function focusedField({ activeElement: field }: Document): HTMLInputElement | undefined {
  if (!(field instanceof HTMLInputElement) || NO_TEXT.has(field.type)) return undefined;
  return isOpen(field) ? field : undefined;
}

/** Who tapped 获取验证码 is in no field. */
function fieldFor(code: string, document: Document): HTMLInputElement | undefined {
  const fields = [
    ...document.querySelectorAll<HTMLInputElement>('wx-input input[inputmode="numeric"]'),
  ].filter((field) => field.value === "" && isOpen(field) && isVisible(field));
  return (
    fields.find(({ maxLength }) => maxLength === code.length) ??
    fields.find(({ maxLength: most }) => most < 0 || (most > code.length && most !== PHONE_NUMBER))
  );
}

const isOpen = (field: HTMLInputElement): boolean => !field.disabled && !field.readOnly;

/** Pages behind the one in front are in the document too, but not drawn. */
function isVisible(field: HTMLElement): boolean {
  for (let at: HTMLElement | null = field; at; at = at.parentElement) {
    if (at.hidden || getComputedStyle(at).display === "none") return false;
  }
  return getComputedStyle(field).visibility !== "hidden";
}

/** For a paste by the keyboard; browsers may refuse, and have no clipboard on plain http. */
function copyInBrowser(code: string): void {
  const { clipboard } = navigator as { clipboard?: Navigator["clipboard"] };
  clipboard?.writeText(code).catch(() => {});
}
