/** `wx.restartMiniProgram`: a cold start at a page, which is remembered over the new life of the phone's page. */

import type { Calls, Wx } from "./calling";
import { textOf } from "./parameters";
import type { PhoneStorage } from "./storage";

const NEXT = "next start";

export class Restart {
  constructor(
    private readonly memory: PhoneStorage,
    private readonly restart: () => void,
  ) {}

  /** The page this life was asked to start at; told once. */
  takePath(): string | undefined {
    const path = this.memory.get(NEXT)?.value;
    this.memory.remove(NEXT);
    return typeof path === "string" ? path : undefined;
  }

  functions(calls: Calls): Wx {
    return calls.define({
      restartMiniProgram: (o) => {
        this.memory.set(NEXT, textOf(o, "path"));
        this.restart();
      },
    });
  }
}
