import type { BuiltIn } from "../host/built_in";
import { flag, number, role, string } from "./properties";

export const progress: BuiltIn = {
  tag: "progress",
  content: "none",
  properties: {
    ...role("progressbar"),
    percent: number(),
    showInfo: flag(),
    borderRadius: string("0"),
    fontSize: string("16"),
    strokeWidth: string("6"),
    color: string("#07c160"),
    activeColor: string(),
    backgroundColor: string(),
    active: flag(),
    activeMode: string("backwards"),
    duration: number(30),
  },
  mount(self) {
    const track = document.createElement("div");
    const bar = document.createElement("div");
    const info = document.createElement("span");
    track.className = "built-in-track";
    track.append(bar);
    self.element.append(track, info);

    let shown = 0;
    const move = (): void => {
      const percent = Math.min(100, Math.max(0, Number(self.get("percent"))));
      const from = self.get("activeMode") === "forwards" ? shown : 0;
      const steps = Math.abs(percent - from);
      self.element.setAttribute("aria-valuenow", String(percent));
      info.textContent = `${percent}%`;
      shown = percent;
      if (!self.get("active") || steps === 0) {
        bar.style.transition = "none";
        bar.style.width = `${percent}%`;
        return;
      }
      bar.style.transition = "none";
      bar.style.width = `${from}%`;
      // Read, so that the browser draws where the movement starts.
      bar.getBoundingClientRect();
      bar.style.transition = `width ${steps * Number(self.get("duration"))}ms linear`;
      bar.style.width = `${percent}%`;
    };
    bar.addEventListener("transitionend", () => self.fire("activeend", { curPercent: shown }));
    const paint = (): void => {
      bar.style.backgroundColor = String(self.get("activeColor") || self.get("color"));
      track.style.backgroundColor = String(self.get("backgroundColor"));
      track.style.height = pixels(self.get("strokeWidth"));
      track.style.borderRadius = pixels(self.get("borderRadius"));
      bar.style.borderRadius = pixels(self.get("borderRadius"));
      info.style.fontSize = pixels(self.get("fontSize"));
      info.hidden = !self.get("showInfo");
    };
    return {
      changed: {
        percent: move,
        active: move,
        color: paint,
        activeColor: paint,
        backgroundColor: paint,
        strokeWidth: paint,
        borderRadius: paint,
        fontSize: paint,
        showInfo: paint,
      },
    };
  },
};

const pixels = (value: unknown): string =>
  /^\d+(\.\d+)?$/.test(String(value)) ? `${value}px` : String(value);
