/** How every asynchronous function of `wx` is called: with callbacks, or with none of them for a promise. */

import type { Tell } from "../host/ports";
import { masked } from "./masking";

export type Given = Readonly<Record<string, unknown>>;
export type Result = Record<string, unknown>;
/** What it returns, or its promise does, is told to `success`; only objects have something to tell. */
export type Work = (options: Given) => unknown;
export type Wx = Record<string, unknown>;

/** A refusal as the mini program sees it. `reason` stands after `<name>:fail `. */
export class WxFailure extends Error {
  constructor(
    readonly reason: string,
    readonly extra: { errno?: number; errCode?: number; [name: string]: unknown } = {},
  ) {
    super(reason);
  }
}

export function failed(name: string, error: unknown): Result {
  const extra = error instanceof WxFailure ? error.extra : {};
  const reason = error instanceof Error ? error.message : String(error);
  return { errMsg: `${name}:fail ${reason}`, ...extra };
}

const CALLBACKS = ["success", "fail", "complete"] as const;

export class Calls {
  constructor(
    private readonly reportError: (error: unknown) => void,
    private readonly tell: Tell,
  ) {}

  define(works: Record<string, Work>): Wx {
    return this.each(works, (name, options, work) => this.settle(name, options, work));
  }

  /** Functions whose calls are told outside: those that speak with WeChat, or ask the person. */
  defineTold(works: Record<string, Work>): Wx {
    return this.each(works, (name, options, work) =>
      this.settle(name, options, this.told(name, work)),
    );
  }

  async told(name: string, work: Promise<unknown>): Promise<unknown> {
    try {
      const result = await work;
      this.tell({ kind: "wx", name, ok: true, detail: masked(result) });
      return result;
    } catch (error) {
      this.tell({ kind: "wx", name, ok: false, detail: masked(failed(name, error)) });
      throw error;
    }
  }

  /** Without callbacks: a promise, which rejects with what `fail` would have been given. */
  settle(name: string, options: Given, work: Promise<unknown>): Promise<Result> | undefined {
    const answer = work.then(
      (result) => ({ errMsg: `${name}:ok`, ...(result as Result | undefined) }),
      (error) => Promise.reject(failed(name, error)),
    );
    if (!CALLBACKS.some((callback) => typeof options[callback] === "function")) return answer;
    this.deliver(options, answer);
    return undefined;
  }

  /** For functions that return a task: whoever gave no callbacks hears nothing. */
  deliver(options: Given, answer: Promise<Result>): void {
    answer.then(
      (result) => this.callBack(options, "success", result),
      (result) => this.callBack(options, "fail", result),
    );
  }

  /** A callback that throws is an error of the mini program's code, and the others are still called. */
  run(callback: unknown, ...values: unknown[]): void {
    if (typeof callback !== "function") return;
    try {
      callback(...values);
    } catch (error) {
      this.reportError(error);
    }
  }

  private callBack(options: Given, outcome: "success" | "fail", result: Result): void {
    this.run(options[outcome], result);
    this.run(options.complete, result);
  }

  private each(
    works: Record<string, Work>,
    call: (name: string, options: Given, work: Promise<unknown>) => unknown,
  ): Wx {
    const functions: Wx = {};
    for (const [name, work] of Object.entries(works)) {
      functions[name] = (options: Given = {}) => call(name, options, (async () => work(options))());
    }
    return functions;
  }
}
