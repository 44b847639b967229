/** What `<input>` and `<textarea>` have in common. */

import * as glassEasel from "glass-easel";
import type { Property } from "../host/attributes";
import type { BuiltInElement, Reactions } from "../host/built_in";
import { anything, disabled, flag, number, string } from "./properties";
import { styledNode } from "./styled_node";
import { onControlTap } from "./taps";

export type NativeField = HTMLInputElement | HTMLTextAreaElement;

export const TEXT_FIELD: Record<string, Property> = {
  name: string(),
  value: string(),
  placeholder: string(),
  placeholderStyle: string(),
  placeholderClass: string(),
  disabled: disabled(),
  maxlength: number(140),
  focus: flag(),
  autoFocus: flag(),
  confirmType: string(),
  confirmHold: flag(),
  cursor: anything(),
  selectionStart: number(-1),
  selectionEnd: number(-1),
  cursorSpacing: number(),
  cursorColor: string(),
  adjustPosition: flag(true),
  adjustKeyboardTo: string("cursor"),
  holdKeyboard: flag(),
  alwaysEmbed: flag(),
};

/** Attributes of assistive technology belong to the native field: it is what has the focus. */
const FIELD_ARIA: Record<string, string> = {
  ariaLabel: "aria-label",
  ariaRequired: "aria-required",
  ariaInvalid: "aria-invalid",
  ariaDescribedby: "aria-describedby",
  ariaLabelledby: "aria-labelledby",
};

export type TextField = Reactions & {
  /** Text that no key wrote: the page hears of it like of typed text. */
  write(text: string): void;
};

export function mountTextField(self: BuiltInElement, field: NativeField): TextField {
  const placeholder = styledNode(self, "placeholder");
  placeholder.element.setAttribute("aria-hidden", "true");
  self.element.append(placeholder.element, field);

  const put = (text: string): void => {
    if (field.value !== text) field.value = text;
    placeholder.element.hidden = text !== "";
  };
  const typed = (keyCode?: number): void => {
    const value = cut(field.value, self);
    const cursor = Math.min(field.selectionStart ?? value.length, value.length);
    put(value);
    self.set("value", value);
    const answer = fireInput(self, { value, cursor, keyCode });
    if (answer !== undefined) self.set("value", answer);
  };

  let keyCode: number | undefined;
  field.addEventListener("keydown", (event) => {
    const key = event as KeyboardEvent;
    keyCode = key.keyCode;
    // Enter that ends the choice of a Chinese word confirms nothing else.
    if (key.key === "Enter" && !key.isComposing && confirms(self, field)) {
      key.preventDefault();
      self.fire("confirm", { value: field.value });
      if (!self.get("confirmHold")) field.blur();
    }
  });
  field.addEventListener("input", () => typed(keyCode));
  field.addEventListener("focus", () => {
    select(self, field);
    self.fire("focus", { value: field.value, height: 0 });
  });
  field.addEventListener("blur", () => {
    self.fire("blur", { value: field.value, cursor: field.selectionStart ?? 0 });
  });
  onControlTap(self, () => field.focus());

  const focus = (wanted: unknown): void => {
    if (wanted && self.element.isConnected) field.focus();
    else if (!wanted && document.activeElement === field) field.blur();
  };
  return {
    changed: {
      value: (value) => put(cut(String(value ?? ""), self)),
      maxlength: (length) => {
        if (Number(length) < 0) field.removeAttribute("maxlength");
        else field.maxLength = Number(length);
        put(cut(field.value, self));
      },
      placeholder: (text) => {
        field.placeholder = String(text);
        placeholder.element.textContent = String(text);
      },
      placeholderClass: (names) => placeholder.setClass(String(names)),
      placeholderStyle: (css) => placeholder.setStyle(String(css)),
      disabled: (isDisabled) => {
        field.disabled = Boolean(isDisabled);
      },
      confirmType: (type) => {
        field.enterKeyHint = String(type);
      },
      cursorColor: (color) => {
        field.style.caretColor = String(color);
      },
      focus,
      ...Object.fromEntries(
        Object.entries(FIELD_ARIA).map(([property, attribute]) => [
          property,
          (value: unknown) => moveAttribute(self.element, field, attribute, String(value)),
        ]),
      ),
    },
    attached: () => {
      if (self.get("focus") || self.get("autoFocus")) field.focus();
    },
    actions: { press: () => field.focus() },
    field: { value: () => field.value, reset: () => self.set("value", "") },
    write: (text) => {
      field.value = text;
      typed();
    },
  };
}

/** In a field of several lines, Enter makes a line unless the page gave the key another meaning. */
const confirms = (self: BuiltInElement, field: NativeField): boolean =>
  field instanceof HTMLInputElement || !["", "return"].includes(String(self.get("confirmType")));

function cut(text: string, self: BuiltInElement): string {
  const length = Number(self.get("maxlength"));
  return length < 0 ? text : text.slice(0, length);
}

function select(self: BuiltInElement, field: NativeField): void {
  const start = Number(self.get("selectionStart"));
  const end = Number(self.get("selectionEnd"));
  const cursor = self.get("cursor");
  if (start >= 0 && end >= 0) field.setSelectionRange(start, end);
  else if (typeof cursor === "number" && cursor >= 0) field.setSelectionRange(cursor, cursor);
}

/** What `bindinput` returns replaces what was typed. */
function fireInput(self: BuiltInElement, detail: object): string | undefined {
  let answer: string | undefined;
  const event = new glassEasel.Event("input", detail, {
    capturePhase: true,
    handleListenerReturn(returned) {
      const given = (returned as { value?: unknown } | null | undefined)?.value ?? returned;
      if (typeof given === "string") answer = given;
      return returned !== false;
    },
  });
  glassEasel.Event.dispatchEvent(self.component, event);
  return answer;
}

function moveAttribute(from: HTMLElement, to: HTMLElement, name: string, value: string): void {
  from.removeAttribute(name);
  if (value) to.setAttribute(name, value);
  else to.removeAttribute(name);
}
