/** What lies over the page and waits for an answer. The browser's own dialog keeps the focus within and the page inert. */

import { element } from "./element";

export type DialogKind = "modal" | "sheet" | "page";

type Options<T> = {
  kind: DialogKind;
  label: string;
  /** The answer of the Escape key, and of a tap beside a sheet. */
  dismissed: T;
};

export function openDialog<T>(
  phone: HTMLElement,
  { kind, label, dismissed }: Options<T>,
  fill: (answer: (value: T) => void) => Node[],
): Promise<T> {
  return new Promise((tell) => {
    const dialog = element("dialog", {
      class: `phone-dialog phone-${kind}`,
      attributes: { "aria-label": label },
    });
    const answer = (value: T) => {
      dialog.close();
      dialog.remove();
      tell(value);
    };
    dialog.append(...fill(answer));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer(dismissed);
    });
    // A click counts where it began: the one of a tap that opened the sheet began before it.
    let isBeside = false;
    dialog.addEventListener("pointerdown", (event) => {
      isBeside = event.target === dialog;
    });
    dialog.addEventListener("click", (event) => {
      if (kind === "sheet" && isBeside && event.target === dialog) answer(dismissed);
    });
    phone.append(dialog);
    dialog.showModal();
  });
}
