import { createApp, type App } from "vue";
import { afterEach, describe, expect, it } from "vitest";
import LinePlot from "@/charts/LinePlot.vue";

let app: App | undefined;

afterEach(() => app?.unmount());

function plotOf(values: number[]): HTMLElement {
  const points = values.map((value, i) => ({ at: `2026-11-22T0${i}:00:00Z`, value }));
  const root = document.createElement("div");
  app = createApp(LinePlot, { points, name: "n", tone: 1 });
  app.mount(root);
  return root;
}

describe("a plot", () => {
  it("of one point shows a dot, for a line through it is nothing to see", () => {
    expect(plotOf([3]).querySelectorAll(".plot__dot")).toHaveLength(1);
  });

  it("of several shows a line, and a dot only where somebody points", () => {
    const root = plotOf([3, 4]);
    expect(root.querySelectorAll(".plot__dot")).toHaveLength(0);
    expect(root.querySelector(".plot__line")?.getAttribute("d")).toMatch(/^M.+L/);
  });
});
