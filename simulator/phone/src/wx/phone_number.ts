/** The phone number button: the consent sheet, WeChat's answer, and every way it can be refused. */

import type { PhoneDetail, Shell, Tell } from "../host/ports";
import { failed, type Result } from "./calling";
import { masked, maskedPhone } from "./masking";
import type { Privacy } from "./privacy";
import type { Sim } from "./sim";
import type { PhoneStorage } from "./storage";

/** How the next buttons are answered: by the person, or as a direction says. */
export const PHONE_ANSWERS = [
  "ask",
  "allow",
  "deny",
  "no_quota",
  "no_permission",
  "privacy_denied",
] as const;
export type PhoneAnswer = (typeof PHONE_ANSWERS)[number];

const OTHERS = "phones";
const NO_QUOTA_ERRNO = 1400001;
const NO_QUOTA = "申请获取你的手机号，但该功能使用次数已达当前小程序上限，暂时无法使用";

export class PhoneNumbers {
  answer: PhoneAnswer = "ask";

  constructor(
    private readonly sim: Sim,
    private readonly shell: Shell,
    private readonly privacy: Privacy,
    private readonly memory: PhoneStorage,
    private readonly tell: Tell,
    /** Which of WeChat's spellings of a refusal this phone has. */
    private readonly platform: string,
  ) {}

  /** The `detail` of the button's event; also a refusal is one. */
  async get(o: { realtime: boolean; noQuotaToast: boolean }): Promise<PhoneDetail> {
    const name = o.realtime ? "getRealtimePhoneNumber" : "getPhoneNumber";
    const detail = await this.ask(o.realtime).catch((error) => failed(name, error));
    if (detail.errno === NO_QUOTA_ERRNO && o.noQuotaToast) {
      await this.shell.showModal({ content: NO_QUOTA, showCancel: false });
    }
    const ok = String(detail.errMsg).endsWith(":ok");
    this.tell({ kind: "wx", name, ok, detail: masked(detail) });
    return detail as PhoneDetail;
  }

  private async ask(realtime: boolean): Promise<Result> {
    let answer = this.answer;
    if (answer === "ask") {
      await this.privacy.require("getPhoneNumber");
      answer = (await this.hasChosen()) ? "allow" : "deny";
    }
    return this.sim.askRaw("getPhoneNumber", { answer, realtime, platform: this.platform });
  }

  /** Whether the person gives a number; it is then the one WeChat tells. */
  private async hasChosen(): Promise<boolean> {
    const { phone: current } = await this.sim.person();
    const phones = [current, ...this.others().filter((other) => other !== current)];
    const choice = await this.shell.askPhone({
      phones: phones.map((phone) => maskedPhone(phone.replace(/^\+86/, ""))),
    });
    if (choice === null) return false;
    const phone = "added" in choice ? `+86${choice.added}` : phones[choice.chosen];
    if (phone !== undefined && phone !== current) {
      this.memory.set(OTHERS, [...new Set([...phones, phone])]);
      await this.sim.person({ phone });
    }
    return true;
  }

  private others(): string[] {
    const kept = this.memory.get(OTHERS)?.value;
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  }
}
