/** The simulated WeChat behind the phone: its `/sim` side, as this person on this phone. */

import type { Holder, PhoneConfig } from "../host/ports";
import { type Result, WxFailure } from "./calling";
import type { Connection } from "./connection";

export type Person = { name: string; phone: string };

export class Sim {
  constructor(
    private readonly config: PhoneConfig,
    private readonly holder: Holder,
    private readonly fetch: typeof globalThis.fetch,
    private readonly connection: Connection,
  ) {}

  /** What WeChat answers to `wx.<name>`; a refusal is thrown in WeChat's words. */
  async ask(name: string, fields: Result = {}): Promise<Result> {
    const told = await this.askRaw(name, fields);
    const errMsg = String(told.errMsg);
    if (errMsg.endsWith(":ok")) return told;
    const { errMsg: _, ...extra } = told;
    throw new WxFailure(errMsg.replace(/^[^:]*:(fail )?/, ""), extra);
  }

  /** The same, where also a refusal is an answer: some spell it in a way of their own. */
  askRaw(name: string, fields: Result = {}): Promise<Result> {
    return this.post(`/wx/${name}`, {
      app_id: this.config.app_id,
      user_id: this.holder.user,
      device: this.holder.device,
      ...fields,
    });
  }

  /** Who holds the phone; with a phone number given, this is now the person's. */
  async person(change: { phone?: string } = {}): Promise<Person> {
    const told = await this.post("/users", { user_id: this.holder.user, ...change });
    return { name: String(told.name), phone: String(told.phone) };
  }

  private async post(path: string, fields: Result): Promise<Result> {
    if (this.connection.isOffline) throw new WxFailure("network error", { errno: 108 });
    let response: Response;
    try {
      response = await this.fetch(this.config.sim + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(fields),
        credentials: "omit",
      });
    } catch {
      throw new WxFailure("network error", { errno: 108 });
    }
    const told = (await response.json().catch(() => ({}))) as Result;
    if (!response.ok) {
      throw new WxFailure(`system error: ${told.detail ?? response.status}`, { errno: 1000 });
    }
    return told;
  }
}
