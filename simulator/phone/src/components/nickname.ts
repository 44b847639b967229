/** `<input type="nickname">`: WeChat offers the person's nickname above the keyboard. */

import type { BuiltInElement } from "../host/built_in";
import type { NativeField } from "./text_field";

/** How much of the page the row covers. */
const HEIGHT = 48;

export function listenForNickname(
  self: BuiltInElement,
  field: NativeField,
  write: (text: string) => void,
): { close(): void } {
  let row: HTMLElement | null = null;
  const cover = (height: number): void => {
    self.fire("keyboardheightchange", { height, duration: 0 });
  };
  const close = (): void => {
    if (!row) return;
    row.remove();
    row = null;
    cover(0);
  };
  field.addEventListener("focus", async () => {
    if (self.get("type") !== "nickname") return;
    const isAllowed = await self.platform.mayFillNickname();
    if (!isAllowed || row || document.activeElement !== field) return;
    row = suggestion(self.platform.nickname(), (name) => {
      write(name);
      field.blur();
    });
    self.shell.pages.append(row);
    cover(HEIGHT);
  });
  field.addEventListener("blur", () => {
    const wasOffered = row !== null;
    close();
    // WeChat reviews the name only after it was left; here every name passes.
    if (!wasOffered || field.value === "") return;
    setTimeout(() => self.fire("nicknamereview", { pass: true, timeout: false }));
  });
  return { close };
}

function suggestion(name: string, choose: (name: string) => void): HTMLElement {
  const row = document.createElement("div");
  row.className = "built-in-nickname";
  const button = document.createElement("button");
  button.type = "button";
  const label = document.createElement("small");
  label.textContent = "用微信昵称";
  button.append(label, name);
  // The field keeps the focus: its blur would take the row away before the click.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => choose(name));
  row.append(button);
  return row;
}
