import type { BuiltIn } from "../host/built_in";
import { disabled, flag, number, string } from "./properties";

const BLOCK = { smallest: 12, largest: 28 };

export const slider: BuiltIn = {
  tag: "slider",
  content: "none",
  properties: {
    name: string(),
    min: number(0),
    max: number(100),
    step: number(1),
    value: number(0),
    disabled: disabled(),
    color: string(),
    selectedColor: string("#07c160"),
    activeColor: string(),
    backgroundColor: string(),
    blockSize: number(BLOCK.largest),
    blockColor: string("#ffffff"),
    showValue: flag(),
  },
  mount(self) {
    const range = document.createElement("input");
    range.type = "range";
    const shown = document.createElement("output");
    self.element.append(range, shown);

    const draw = (): void => {
      const { min, max, value } = numbers();
      const share = max > min ? (value - min) / (max - min) : 0;
      range.style.setProperty("--share", `${share * 100}%`);
      shown.textContent = String(value);
    };
    const numbers = () => ({
      min: Number(range.min),
      max: Number(range.max),
      value: Number(range.value),
    });
    const limits = (): void => {
      range.min = String(self.get("min"));
      range.max = String(self.get("max"));
      range.step = String(self.get("step"));
      range.value = String(self.get("value"));
      draw();
    };
    const paint = (): void => {
      const of = (newer: string, older: string): string =>
        String(self.get(newer) || self.get(older));
      range.style.setProperty("--active", of("activeColor", "selectedColor"));
      range.style.setProperty("--track", of("backgroundColor", "color") || "var(--built-in-off)");
      range.style.setProperty("--block", String(self.get("blockColor")));
      const size = Math.min(BLOCK.largest, Math.max(BLOCK.smallest, Number(self.get("blockSize"))));
      range.style.setProperty("--size", `${size}px`);
    };
    const tell = (event: string) => (): void => {
      self.set("value", Number(range.value));
      draw();
      self.fire(event, { value: Number(range.value) });
    };
    range.addEventListener("input", tell("changing"));
    range.addEventListener("change", tell("change"));

    return {
      changed: {
        min: limits,
        max: limits,
        step: limits,
        value: limits,
        color: paint,
        selectedColor: paint,
        activeColor: paint,
        backgroundColor: paint,
        blockColor: paint,
        blockSize: paint,
        disabled: (isDisabled) => {
          range.disabled = Boolean(isDisabled);
        },
        showValue: (isShown) => {
          shown.hidden = !isShown;
        },
        ariaLabel: (name) => {
          range.setAttribute("aria-label", String(name));
          self.element.removeAttribute("aria-label");
        },
      },
      field: {
        value: () => Number(self.get("value")),
        reset: () => self.set("value", Number(self.get("min"))),
      },
    };
  },
};
