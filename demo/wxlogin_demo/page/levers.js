/** The levers: buttons built from the server's table, and what pulling one of them does. */

import { byId, element } from "./element.js";
import { inEachLanguage, say, text } from "./language.js";
import { setStrategy } from "./strategy.js";

/** @typedef {import("./types").Lever} Lever */
/** @typedef {import("./types").LeverList} LeverList */
/** @typedef {import("./types").Choice} Choice */
/** @typedef {import("./types").Words} Words */
/** @typedef {import("./phones.js").Phones} Phones */
/** @typedef {import("./phones.js").Phone} Phone */

const ADDRESS = "/demo/levers";
const TOLD_MS = 6000;

export class Levers {
  /** @param {Phones} phones */
  constructor(phones) {
    this.phones = phones;
    this.place = byId("levers");
    this.toast = byId("toast");
    /** @type {LeverList} */
    this.list = { groups: [], chosen: {}, now: "" };
    /** How the phones' own levers stand: each phone has its own. @type {Map<string, string | boolean>} */
    this.ofPhones = new Map();
    this.hiding = 0;
    inEachLanguage(() => this.show());
  }

  async load() {
    const answer = await fetch(ADDRESS);
    this.list = await answer.json();
    this.show();
  }

  /** @param {string} now */
  tellTime(now) {
    this.list.now = now;
    byId("now").textContent = now.replace("T", " ").replace(/\+00:00$/, " UTC");
  }

  forget() {
    this.ofPhones.clear();
    return this.load();
  }

  show() {
    const phone = this.phones.chosen;
    byId("acts-on").textContent = phone ? `${text("actsOn")} ${phone.user} · ${phone.device}` : "";
    if (this.list.now) this.tellTime(this.list.now);
    const focused = document.activeElement?.getAttribute("data-lever");
    this.place.replaceChildren(
      ...this.list.groups.map((group) =>
        element(
          "section",
          { class: "lever-group", "aria-label": say(group.title) },
          element("h3", {}, say(group.title)),
          ...group.levers.map((lever) => this.built(lever)),
        ),
      ),
    );
    if (focused) this.place.querySelector(`[data-lever="${focused}"]`)?.closest("button")?.focus();
  }

  /** @param {Lever} lever */
  built(lever) {
    const see = `see-${lever.name}`;
    const named = { "data-lever": lever.name, "aria-describedby": see };
    const title = say(lever.title);
    const pull = () => element("button", { type: "button", ...named }, title);
    const control = lever.choices.length ? this.choices(lever, named) : pull();
    if (!lever.choices.length) control.addEventListener("click", () => this.pull(lever, ""));
    return element(
      "div",
      { class: "lever" },
      ...(lever.choices.length ? [element("span", { class: "lever-title" }, title)] : []),
      control,
      element("p", { id: see }, say(lever.see)),
    );
  }

  /**
   * @param {Lever} lever
   * @param {Record<string, string>} named
   */
  choices(lever, named) {
    const chosen = this.chosenOf(lever);
    const buttons = lever.choices.map((choice) => {
      const value = String(choice.value);
      const pressed = String(choice.value === chosen);
      const button = element(
        "button",
        { type: "button", "data-choice": value, "aria-pressed": pressed },
        say(choice.words),
      );
      button.addEventListener("click", () => this.pull(lever, choice.value));
      return button;
    });
    return element("div", { class: "choices", role: "group", ...named }, ...buttons);
  }

  /** @param {Lever} lever */
  chosenOf(lever) {
    const own = lever.direction && this.ofPhones.get(`${this.phones.chosen?.name} ${lever.name}`);
    return own ?? this.list.chosen[lever.name];
  }

  /**
   * @param {Lever} lever
   * @param {string | boolean} choice
   */
  async pull(lever, choice) {
    const phone = this.phones.chosen;
    if (lever.opens) {
      this.phones.open(lever.opens.user, lever.opens.device);
    } else if (lever.direction && phone) {
      this.direct(lever, choice, phone);
    } else {
      await this.ask(lever, choice, phone?.user ?? "ann");
    }
    this.show();
  }

  /**
   * @param {Lever} lever
   * @param {string | boolean} choice
   * @param {Phone} phone
   */
  direct(lever, choice, phone) {
    if (!lever.direction) return;
    const { do: what, key } = lever.direction;
    if (lever.choices.length) this.ofPhones.set(`${phone.name} ${lever.name}`, choice);
    if (what === "strategy") {
      setStrategy(phone, String(choice)).then(() => phone.start());
      this.tell(lever.see, false);
      return;
    }
    const direction = lever.choices.length ? { do: what, [key]: choice } : { do: what };
    if (lever.choices.length) phone.standing.set(lever.name, direction);
    if (what === "clearStorage") this.ofPhones.delete(`${phone.name} strategy`);
    phone.direct(direction);
    this.tell(lever.see, false);
  }

  /**
   * @param {Lever} lever
   * @param {string | boolean} choice
   * @param {string} user
   */
  async ask(lever, choice, user) {
    const body = JSON.stringify({ user, ...(lever.choices.length ? { choice } : {}) });
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${ADDRESS}/${lever.name}`, { method: "POST", headers, body });
    const told = await answer.json();
    if (!answer.ok) {
      this.tell(told.words ?? { zh: text("failedPull"), en: text("failedPull") }, true);
      return;
    }
    if (lever.choices.length) this.list.chosen[lever.name] = choice;
    this.tellTime(told.now);
    this.tell(told.told, false);
  }

  /**
   * @param {Words} words
   * @param {boolean} isBad
   */
  tell(words, isBad) {
    this.toast.textContent = say(words);
    this.toast.dataset.bad = String(isBad);
    this.toast.hidden = false;
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => {
      this.toast.hidden = true;
    }, TOLD_MS);
  }
}
