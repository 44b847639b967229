/** The phones on the page, each in a frame of its own; who holds it is in the frame's address. */

import { byId, element } from "./element.js";
import { inEachLanguage, text } from "./language.js";

/** @typedef {import("./types").PhoneFact} PhoneFact */
/** @typedef {Record<string, unknown>} Direction */

const WIDTH = 375;
const HEIGHT = 760;
/** Frame, name and gaps around a phone's screen. */
const AROUND = { width: 52, height: 150 };
const SMALLEST = 0.62;
/** Of a third phone a part is seen: the row can be scrolled. */
const MOST_COLUMNS = 2.3;
const NARROW = matchMedia("(max-width: 820px)");
const COLOURS = ["green", "blue", "orange", "purple"];
const SOURCE = "wechat-simulator-phone";
const TARGET = "wechat-simulator-phone";

export class Phone {
  /**
   * @param {string} user
   * @param {string} device
   * @param {string} colour
   */
  constructor(user, device, colour) {
    this.user = user;
    this.device = device;
    this.name = `${user}/${device}`;
    this.colour = colour;
    /** What was ordered and lasts: a phone that starts anew is told again. @type {Map<string, Direction>} */
    this.standing = new Map();
    this.frame = element("iframe", { title: `${user} · ${device}`, "data-phone": this.name });
    this.closing = element("button", { type: "button", class: "put-away" }, "×");
    this.choosing = element("button", { type: "button", class: "holder" }, `${user} · ${device}`);
    this.figure = element(
      "figure",
      { class: "phone", "data-colour": colour },
      element("figcaption", {}, this.choosing, this.closing),
      element("div", { class: "body" }, this.frame),
    );
  }

  start() {
    const holder = new URLSearchParams({ user: this.user, device: this.device, dark: "0" });
    this.frame.src = `/demo/phone/${this.name}/?${holder}`;
  }

  /** @param {Direction} direction */
  direct(direction) {
    this.frame.contentWindow?.postMessage({ target: TARGET, ...direction }, location.origin);
  }
}

export class Phones {
  /**
   * @param {(phone: Phone, fact: PhoneFact) => void} hear
   * @param {() => void} changed which phones there are, or which one is chosen
   */
  constructor(hear, changed) {
    this.row = byId("phones");
    this.hear = hear;
    this.changed = changed;
    /** @type {Phone[]} */
    this.all = [];
    /** @type {Phone | null} */
    this.chosen = null;
    addEventListener("message", (event) => this.receive(event));
    addEventListener("resize", () => this.fit());
    inEachLanguage(() => {
      for (const phone of this.all) this.label(phone);
    });
  }

  /**
   * @param {string} user
   * @param {string} device
   */
  open(user, device) {
    const there = this.all.find((phone) => phone.user === user && phone.device === device);
    if (there) {
      this.choose(there);
      reveal(there);
      return;
    }
    const taken = this.all.map((phone) => phone.colour);
    const phone = new Phone(user, device, COLOURS.find((each) => !taken.includes(each)) ?? "green");
    phone.choosing.addEventListener("click", () => this.choose(phone));
    phone.closing.addEventListener("click", () => this.close(phone));
    this.all.push(phone);
    this.row.append(phone.figure);
    this.label(phone);
    phone.start();
    this.fit();
    this.choose(phone);
  }

  /** @param {Phone} phone */
  close(phone) {
    phone.figure.remove();
    this.all = this.all.filter((each) => each !== phone);
    this.fit();
    const first = this.all[0];
    if (first) this.choose(first);
  }

  /** @param {Phone} phone */
  choose(phone) {
    this.chosen = phone;
    if (!NARROW.matches) reveal(phone);
    for (const each of this.all) {
      each.choosing.setAttribute("aria-pressed", String(each === phone));
    }
    this.changed();
  }

  /** The phones of a new world: nothing of the former one is on them. */
  startAnew() {
    for (const phone of this.all) {
      phone.standing.clear();
      phone.start();
    }
  }

  /** @param {MessageEvent} event */
  receive(event) {
    const isFact = event.origin === location.origin && event.data?.source === SOURCE;
    const phone = this.all.find((each) => each.frame.contentWindow === event.source);
    if (!isFact || !phone) return;
    const fact = /** @type {PhoneFact} */ (event.data);
    if (fact.kind === "ready") {
      for (const direction of phone.standing.values()) phone.direct(direction);
    }
    this.hear(phone, fact);
  }

  /** As large as the window allows: all of a phone is to be seen at once. */
  fit() {
    const count = this.all.length;
    const room = innerWidth * (NARROW.matches ? 1 : count > 1 ? 0.43 : 0.4);
    const columns = NARROW.matches ? 1 : Math.min(count, MOST_COLUMNS);
    const scale = Math.min(
      1,
      (innerHeight - AROUND.height) / HEIGHT,
      (room - columns * AROUND.width) / (columns * WIDTH),
    );
    this.row.style.setProperty("--scale", String(Math.max(SMALLEST, scale)));
    this.row.dataset.count = String(count);
  }

  /** @param {Phone} phone */
  label(phone) {
    phone.closing.setAttribute("aria-label", text("close"));
    phone.closing.hidden = phone === this.all[0];
  }
}

/** @param {Phone} phone */
function reveal(phone) {
  phone.figure.scrollIntoView({ block: "nearest", inline: "nearest" });
}
