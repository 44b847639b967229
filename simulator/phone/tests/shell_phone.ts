/** The shell in jsdom, which knows dialogs but not how to open them. */

import { afterEach, vi } from "vitest";
import type { Shell } from "../src/host/ports";
import { createShell } from "../src/shell/create";

export function openDialogsInJsdom(): void {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
}

export const painted = (kind: string, seed: number): Blob => new Blob([`${kind} ${seed}`]);

export function openShell(user = "ann"): Shell {
  openDialogsInJsdom();
  URL.createObjectURL = vi.fn(() => "blob:made");
  URL.revokeObjectURL = vi.fn();
  return createShell(document, {
    label: "模拟 Simulated",
    user,
    paint: async (kind, seed) => painted(kind, seed),
  });
}

export function clearPage(): void {
  afterEach(() => {
    document.body.replaceChildren();
    vi.useRealTimers();
  });
}

export const find = <T extends HTMLElement = HTMLElement>(selector: string): T => {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`nothing on the screen is ${selector}`);
  return found;
};

/** The button, label or link with this text or label. */
export function tap(name: string): void {
  const found = [...document.querySelectorAll<HTMLElement>("button, label")].filter(
    (one) => one.textContent === name || one.getAttribute("aria-label") === name,
  );
  if (found.length !== 1) throw new Error(`${found.length} of "${name}" on the screen`);
  found[0]?.click();
}

export const dialogs = (): HTMLDialogElement[] => [...document.querySelectorAll("dialog")];

export function pressEscape(): void {
  dialogs()
    .at(-1)
    ?.dispatchEvent(new Event("cancel", { cancelable: true }));
}
