/** `wx.login` and `wx.checkSession`. */

import { type Calls, type Given, type Result, type Wx, WxFailure } from "./calling";
import { numberOr } from "./parameters";
import type { Sim } from "./sim";
import type { PhoneStorage } from "./storage";

const TIMEOUT = 60_000;
const LAST = "last-code";
const REPEATS = "repeats-code";

export class Login {
  /** `memory`: over a cold start, after which a code kept too long is what it is in life. */
  constructor(
    private readonly sim: Sim,
    private readonly memory: PhoneStorage,
  ) {}

  /** The next login gives the last code again, as a mini program does that keeps its code too long. */
  repeatCode(): void {
    this.memory.set(REPEATS, true);
  }

  async code(): Promise<Result> {
    const last = this.memory.get(LAST);
    if (last && this.memory.get(REPEATS)) {
      this.memory.remove(REPEATS);
      return { code: last.value };
    }
    const { code } = await this.sim.ask("login");
    this.memory.set(LAST, code);
    return { code };
  }

  functions(calls: Calls): Wx {
    return calls.defineTold({
      login: (o) => inTime(o, this.code()),
      checkSession: (o) => inTime(o, this.sim.ask("checkSession")),
    });
  }
}

async function inTime(options: Given, work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, refuse) => {
    const limit = numberOr(options, "timeout", TIMEOUT);
    timer = setTimeout(() => refuse(new WxFailure("time out", { errno: 5 })), limit);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
