/** Puts the page together: what is heard goes to the steps and to the list, levers go out. */

import { byId, element } from "./element.js";
import { listen } from "./events.js";
import { inEachLanguage, otherLanguage, sayAll, text } from "./language.js";
import { Levers } from "./levers.js";
import { Phones } from "./phones.js";
import { Run } from "./run.js";
import { StepList } from "./steps.js";
import { emptyPhones } from "./strategy.js";
import { Wire } from "./wire.js";

/** @typedef {import("./types").ServerFact} ServerFact */

const WORLD = "wxlogin-demo:world";
const TERMINAL = "terminal";

/** The last login of each phone, and of the terminal. @type {Map<string, Run>} */
const runs = new Map();
let followed = "ann/phone-1";
/** The world this page shows; another tab may have entered the next one meanwhile. */
let entered = "";

const steps = new StepList();
const phones = new Phones(
  (phone, fact) => {
    const isLogin = fact.kind === "wx" && fact.name === "login";
    tell(phone.name, (run) => run.hearPhone(fact), isLogin);
    wire.hearPhone(phone.name, fact);
  },
  () => follow(phones.chosen?.name ?? followed),
);
const levers = new Levers(phones);
const wire = new Wire((phone) => phones.all.find((each) => each.name === phone)?.colour ?? "grey");

/** @param {ServerFact} fact */
function hear(fact) {
  if (fact.kind === "hello" || fact.kind === "reset") {
    enter(fact.world);
    return;
  }
  if ("phone" in fact) {
    const isLogin = fact.kind === "request" && fact.is_login;
    tell(fact.phone ?? TERMINAL, (run) => run.hear(fact), isLogin);
  }
  if (fact.kind === "lever") levers.tellTime(fact.now);
  if (fact.kind === "sms") {
    const theirs = phones.all.filter((phone) => fact.users.includes(phone.user));
    for (const phone of theirs.length ? theirs : phones.all) {
      if (isNew(fact.at)) phone.direct({ do: "sms", text: fact.text });
    }
  }
  wire.hear(fact);
}

/**
 * Whoever begins a login is looked at; what others do meanwhile is kept for when they are chosen.
 * @param {string} name
 * @param {(run: Run) => number[]} act
 * @param {boolean} isLogin
 */
function tell(name, act, isLogin) {
  const changed = act(runOf(name));
  if (isLogin) follow(name);
  if (name === followed) steps.light(changed);
}

/** @param {string} name */
function runOf(name) {
  const run = runs.get(name) ?? new Run();
  runs.set(name, run);
  return run;
}

/** @param {string} name */
function follow(name) {
  followed = name;
  steps.follow(runOf(name));
  showTabs();
  levers.show();
}

/**
 * A world that this browser has not seen: what its phones remember of another is worth nothing.
 * @param {string} world
 */
function enter(world) {
  if (world === entered) return;
  entered = world;
  if (localStorage.getItem(WORLD) !== world) emptyPhones();
  localStorage.setItem(WORLD, world);
  runs.clear();
  wire.clear();
  if (phones.all.length) phones.startAnew();
  else phones.open("ann", "phone-1");
  levers.forget();
  follow(followed);
}

function showTabs() {
  const names = [
    ...phones.all.map((phone) => phone.name),
    ...(runs.has(TERMINAL) ? [TERMINAL] : []),
  ];
  byId("tabs").replaceChildren(
    ...names.map((name) => {
      const phone = phones.all.find((each) => each.name === name);
      const pressed = String(name === followed);
      const tab = element(
        "button",
        { type: "button", "aria-pressed": pressed },
        element("span", { class: "dot", "data-colour": phone?.colour ?? "grey" }),
        phone ? `${phone.user} · ${phone.device}` : text("terminal"),
      );
      tab.addEventListener("click", () => (phone ? phones.choose(phone) : follow(name)));
      return tab;
    }),
  );
}

/** @param {number} at */
function isNew(at) {
  return Date.now() - at < 10_000;
}

byId("language").addEventListener("click", otherLanguage);
inEachLanguage(sayAll);
inEachLanguage(() => showTabs());
listen(hear, (isThere) => {
  byId("gone").hidden = isThere;
});
