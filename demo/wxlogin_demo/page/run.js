/** The last login of one phone, step by step: what was heard so far, and nothing of the screen. */

import { NOTES } from "./texts.js";

/** @typedef {import("./types").StepState} StepState */
/** @typedef {import("./types").ServerFact} ServerFact */
/** @typedef {import("./types").PhoneFact} PhoneFact */

const COUNT = 10;
const RECORD = /^wxlogin:/;
const WAY_IN = /\/v1\/(login|register\/mobile|me\/restore)/;

export class Run {
  constructor() {
    /** @type {StepState[]} */
    this.steps = fresh();
    /** The request that brings somebody in at this moment. @type {number | null} */
    this.login = null;
    /** Which step each request of the phone is. @type {Map<number, number>} */
    this.requests = new Map();
    /** When the token was last written, and where: the two sides are not heard in one order. */
    this.kept = { at: 0, wire: /** @type {unknown} */ (null) };
  }

  /**
   * @param {ServerFact} fact
   * @returns {number[]} the steps that changed, counted from 1
   */
  hear(fact) {
    if (fact.kind === "request" && fact.is_login) {
      const hasCode = this.step(1).state === "ok" && this.step(2).state === "idle";
      const former = hasCode ? [] : this.begin();
      this.login = fact.request;
      const wire = { [fact.method]: fact.path, ...bodyOf(fact.body) };
      return [...former, ...this.set(2, { state: "active", note: NOTES.sendCode, wire })];
    }
    if (fact.kind === "step") {
      const isOk = fact.outcome === "ok";
      const changed = this.set(fact.step, {
        state: isOk ? "ok" : "failed",
        note: fact.note,
        wire: fact.wire ?? this.step(fact.step).wire,
        never: fact.never ?? [],
        ms: fact.ms ?? null,
        why: isOk ? null : fact.outcome,
      });
      if (fact.step === 7 && isOk && this.kept.at >= fact.at) changed.push(...this.keep());
      const isAwaited = isOk && this.login === fact.request && fact.step >= 2 && fact.step <= 6;
      return isAwaited ? [...changed, ...this.await(fact.step + 1)] : changed;
    }
    if (fact.kind === "answer" && fact.request === this.login) {
      this.login = null;
      return this.rest();
    }
    return [];
  }

  /**
   * @param {PhoneFact} fact
   * @returns {number[]}
   */
  hearPhone(fact) {
    if (fact.kind === "wx" && fact.name === "login") {
      const before = this.step(10).why;
      const former = this.begin();
      const wire = { ...bodyOf(fact.detail), ...(before ? { after: `401 ${before}` } : {}) };
      const told = { note: fact.ok ? NOTES.gotCode : NOTES.noCode, wire };
      return [...former, ...this.set(1, { state: fact.ok ? "ok" : "failed", ...told })];
    }
    if (fact.kind === "request") {
      if (WAY_IN.test(fact.url)) this.requests.set(fact.id, 2);
      if (!fact.hasToken) return [];
      this.requests.set(fact.id, 9);
      const wire = {
        [fact.method]: fact.url,
        authorization: fact.header.authorization ?? "Bearer ●●●●",
      };
      return this.set(9, { state: "ok", note: NOTES.carries, wire });
    }
    if (fact.kind === "failed") {
      const step = this.requests.get(fact.id);
      const told = { state: /** @type {const} */ ("failed"), note: NOTES.unsent, why: fact.errMsg };
      return step ? this.set(step, told) : [];
    }
    const token = fact.kind === "storage" && RECORD.test(fact.key) && tokenIn(fact.value);
    if (fact.kind === "storage" && token) {
      this.kept = { at: fact.at, wire: { [fact.key]: token } };
      if (this.step(7).state === "ok" && this.step(8).state === "idle") return this.keep();
    }
    return [];
  }

  /** All steps are ahead again. */
  begin() {
    this.steps = fresh();
    return this.steps.map((_, index) => index + 1);
  }

  /** @param {number} number */
  step(number) {
    const found = this.steps[number - 1];
    if (!found) throw new RangeError(`there is no step ${number}`);
    return found;
  }

  /**
   * @param {number} number
   * @param {Partial<StepState>} change
   */
  set(number, change) {
    // The steps before are one login's: to be told twice of one is to hear more of it.
    const times = number < 9 ? 1 : this.step(number).times + 1;
    this.steps[number - 1] = { ...blank(), ...change, times };
    return [number];
  }

  /** The token lies in storage. */
  keep() {
    return this.set(8, { state: "ok", note: NOTES.kept, wire: this.kept.wire });
  }

  /** @param {number} number */
  await(number) {
    return this.step(number).state === "idle" ? this.set(number, { state: "active" }) : [];
  }

  /** What was awaited and did not come. */
  rest() {
    const left = this.steps.flatMap((step, index) => (step.state === "active" ? [index + 1] : []));
    for (const number of left) this.steps[number - 1] = blank();
    return left;
  }
}

/** @returns {StepState} */
function blank() {
  return { state: "idle", note: null, wire: null, never: [], ms: null, why: null, times: 0 };
}

function fresh() {
  return Array.from({ length: COUNT }, blank);
}

/** @param {unknown} body */
function bodyOf(body) {
  return typeof body === "object" && body !== null ? body : {};
}

/**
 * What the phone shows of the token in a record of the SDK's.
 * @param {unknown} value
 */
function tokenIn(value) {
  return /"token":"([^"]+)"/.exec(JSON.stringify(value) ?? "")?.[1];
}
