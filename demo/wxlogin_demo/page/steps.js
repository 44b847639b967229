/** The ten steps on the screen: they light up as they are taken, for the phone that is looked at. */

import { byId, element } from "./element.js";
import { inEachLanguage, say, text } from "./language.js";
import { STEPS } from "./texts.js";
import { wireText } from "./wire_text.js";

/** @typedef {import("./types").StepState} StepState */
/** @typedef {import("./run.js").Run} Run */

export class StepList {
  constructor() {
    this.list = byId("steps");
    this.status = byId("step-status");
    /** @type {Run | null} */
    this.run = null;
    this.cards = STEPS.map((_, index) => card(index + 1));
    this.list.append(...this.cards);
    inEachLanguage(() => this.showAll());
  }

  /** @param {Run} run */
  follow(run) {
    if (run === this.run) return;
    this.run = run;
    this.showAll();
  }

  /** @param {number[]} numbers */
  light(numbers) {
    for (const number of numbers) {
      this.show(number);
      const step = this.run?.step(number);
      if (step && step.state !== "idle") flash(this.cards[number - 1]);
    }
    const last = numbers.at(-1);
    const stands = last && this.run?.step(last);
    if (last && stands) {
      const title = STEPS[last - 1]?.title;
      this.status.textContent = `${last} ${title ? say(title) : ""}: ${text(stands.state)}`;
    }
  }

  showAll() {
    for (let number = 1; number <= this.cards.length; number += 1) this.show(number);
  }

  /** @param {number} number */
  show(number) {
    const shown = this.cards[number - 1];
    const what = STEPS[number - 1];
    if (!shown || !what) return;
    const step = this.run?.step(number);
    shown.dataset.state = step?.state ?? "idle";
    shown.replaceChildren(
      sign(number, step),
      element(
        "span",
        { class: "title" },
        ...numberOf(number, step),
        say(what.title),
        ...timesOf(step),
      ),
      element("span", { class: "where" }, say(what.where)),
      element("span", { class: "ms" }, step?.ms ? `${step.ms} ms` : ""),
      ...(step && step.state !== "idle" ? [told(step)] : []),
    );
  }
}

/** @param {number} number */
function card(number) {
  return element("li", { class: "step", "data-step": String(number), "data-state": "idle" });
}

/**
 * @param {number} number
 * @param {StepState | undefined} step
 */
function sign(number, step) {
  const signs = { idle: `${number}`, active: `${number}`, ok: "✓", failed: "✗" };
  const state = step?.state ?? "idle";
  const name = `${number} ${text(state)}`;
  return element("span", { class: "sign", role: "img", "aria-label": name }, signs[state]);
}

/**
 * Where its sign is another one.
 * @param {number} number
 * @param {StepState | undefined} step
 */
function numberOf(number, step) {
  const isShown = step?.state === "ok" || step?.state === "failed";
  return isShown ? [element("span", { class: "number", "aria-hidden": "true" }, `${number}`)] : [];
}

/** @param {StepState | undefined} step */
function timesOf(step) {
  return step && step.times > 1 ? [element("span", { class: "times" }, `×${step.times}`)] : [];
}

/** @param {StepState} step */
function told(step) {
  const inside = [];
  if (step.why) inside.push(element("strong", { class: "why" }, step.why));
  if (step.note) inside.push(element("span", { class: "note" }, say(step.note)));
  const wire = wireText(step.wire);
  if (wire) inside.push(element("code", { class: "wire-text", title: wire }, wire));
  if (step.never.length) inside.push(never(step.never));
  return element("div", { class: "told" }, ...inside);
}

/**
 * In both languages whatever the page speaks: nobody shall overlook it.
 * @param {string[]} names
 */
export function never(names) {
  const lock = element("span", { class: "lock", "aria-hidden": "true" });
  const told = `${names.join("、")} 从不离开服务器 never leaves the server`;
  return element("span", { class: "never" }, lock, told);
}

/** @param {HTMLElement | undefined} shown */
function flash(shown) {
  if (!shown || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const glow = [{ boxShadow: "0 0 0 3px var(--glow)" }, { boxShadow: "0 0 0 0 transparent" }];
  shown.animate(glow, { duration: 900, easing: "ease-out" });
}
