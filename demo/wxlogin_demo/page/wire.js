/** The list of what crossed the wire, newest first; each line opens to show all that may be shown. */

import { byId, element } from "./element.js";
import { inEachLanguage, say, text } from "./language.js";
import { never } from "./steps.js";
import { TEXTS } from "./texts.js";
import { wireText } from "./wire_text.js";

/** @typedef {import("./types").ServerFact} ServerFact */
/** @typedef {import("./types").PhoneFact} PhoneFact */
/** @typedef {import("./types").Line} Line */
/** @typedef {import("./types").RequestTold} RequestTold */

const KEPT = 300;
/** A failed `wx.*` call is told whatever it is; of those that went well, the ones of a login. */
const OF_A_LOGIN = /^(login|checkSession|getPhoneNumber|authorize|chooseAvatar)/;

export class Wire {
  /** @param {(phone: string | null) => string} colourOf */
  constructor(colourOf) {
    this.list = byId("wire");
    this.colourOf = colourOf;
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Map<Line, HTMLElement>} */
    this.rows = new Map();
    /** @type {Map<number, Line>} */
    this.open = new Map();
    byId("clear-wire").addEventListener("click", () => this.clear());
    inEachLanguage(() => this.showAll());
  }

  clear() {
    this.lines = [];
    this.open.clear();
    this.showAll();
  }

  /** @param {ServerFact} fact */
  hear(fact) {
    if (fact.kind === "request") {
      const line = requestLine(fact);
      this.open.set(fact.request, line);
      this.add(line);
    } else if (fact.kind === "answer") {
      const line = this.open.get(fact.request);
      if (!line) return;
      this.open.delete(fact.request);
      line.result = [fact.status, fact.code].filter(Boolean).join(" ");
      line.isBad = fact.status >= 400;
      line.ms = fact.ms;
      line.details.push({ title: TEXTS.answered, value: fact.body });
      this.show(line);
    } else if (fact.kind === "wechat") {
      const isExchange = fact.path === "/sns/jscode2session";
      const fault = fact.fault ? [{ title: TEXTS.fault, value: fact.fault }] : [];
      this.add({
        ...blank(fact.at, null, "⇄", `${fact.method} ${fact.path}`),
        result: fact.status === null ? "✂" : `errcode ${fact.errcode ?? fact.status}`,
        isBad: fact.errcode !== 0,
        never: isExchange ? ["appsecret", "session_key", "openid"] : [],
        details: [
          { title: TEXTS.sent, value: fact.sent },
          { title: TEXTS.answered, value: fact.told },
          ...fault,
        ],
      });
    } else if (fact.kind === "sms") {
      this.add({ ...blank(fact.at, null, "✉", `${text("sms")} ${fact.to}`), result: fact.text });
    } else if (fact.kind === "lever") {
      this.add({ ...blank(fact.at, null, "⚙", say(fact.told)), result: fact.choice });
    }
  }

  /**
   * What a request to the server does not show: the phone's own functions, and what never got out.
   * @param {string} phone
   * @param {PhoneFact} fact
   */
  hearPhone(phone, fact) {
    if (fact.kind === "wx" && (!fact.ok || OF_A_LOGIN.test(fact.name))) {
      const details = [{ title: TEXTS.detail, value: fact.detail }];
      const line = blank(fact.at, phone, "◦", `wx.${fact.name}`);
      this.add({ ...line, result: fact.ok ? "ok" : "fail", isBad: !fact.ok, details });
    } else if (fact.kind === "failed") {
      this.add({ ...blank(fact.at, phone, "✗", fact.errMsg), isBad: true });
    } else if (fact.kind === "error") {
      const details = [{ title: TEXTS.detail, value: fact.text }];
      this.add({ ...blank(fact.at, phone, "✗", text("phoneError")), isBad: true, details });
    }
  }

  /** @param {Line} line */
  add(line) {
    this.lines.unshift(line);
    for (const old of this.lines.splice(KEPT)) {
      this.rows.get(old)?.remove();
      this.rows.delete(old);
    }
    const row = this.built(line);
    this.rows.set(line, row);
    if (this.lines.length === 1) this.list.replaceChildren(row);
    else this.list.prepend(row);
  }

  /** @param {Line} line */
  show(line) {
    const former = this.rows.get(line);
    const row = this.built(line);
    row.open = former instanceof HTMLDetailsElement && former.open;
    former?.replaceWith(row);
    this.rows.set(line, row);
  }

  showAll() {
    this.rows.clear();
    const rows = this.lines.map((line) => {
      const row = this.built(line);
      this.rows.set(line, row);
      return row;
    });
    const empty = element("p", { class: "empty" }, text("wireEmpty"));
    this.list.replaceChildren(...(rows.length ? rows : [empty]));
  }

  /** @param {Line} line */
  built(line) {
    const ms = line.ms === null ? "" : `${line.ms} ms`;
    const at = new Date(line.at).toLocaleTimeString("zh-CN", { hour12: false });
    const summary = element(
      "summary",
      { "data-bad": String(line.isBad) },
      element("time", {}, at),
      element("span", { class: "dot", "data-colour": this.colourOf(line.phone) }),
      element("span", { class: "sign" }, line.sign),
      element("span", { class: "what" }, line.what),
      element("span", { class: "result" }, line.result),
      element("span", { class: "ms" }, ms),
    );
    const who = line.phone ? [element("p", {}, line.phone.replace("/", " · "))] : [];
    const shown = line.details.filter(
      (detail) => detail.value !== null && detail.value !== undefined,
    );
    return element(
      "details",
      { class: "line" },
      summary,
      ...who,
      ...(line.never.length ? [never(line.never)] : []),
      ...shown.flatMap((detail) => [
        element("h4", {}, say(detail.title)),
        element("pre", {}, pretty(detail.value)),
      ]),
    );
  }
}

/** @param {RequestTold & { at: number }} fact */
function requestLine(fact) {
  return {
    ...blank(fact.at, fact.phone, "→", `${fact.method} ${fact.path}`),
    details: [
      { title: TEXTS.headers, value: wireText(fact.headers) },
      { title: TEXTS.sent, value: fact.body },
    ],
  };
}

/**
 * @param {number} at
 * @param {string | null} phone
 * @param {string} sign
 * @param {string} what
 * @returns {Line}
 */
function blank(at, phone, sign, what) {
  return { at, phone, sign, what, result: "", isBad: false, ms: null, never: [], details: [] };
}

/** @param {unknown} value */
function pretty(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
