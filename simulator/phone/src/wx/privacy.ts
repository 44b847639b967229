/**
 * Consent to the privacy guideline (用户隐私保护指引): before the first call that touches personal data, the mini
 * program's own dialog is asked, or else WeChat's.
 */

import type { Shell } from "../host/ports";
import { type Calls, type Result, type Wx, WxFailure } from "./calling";
import { isRecord, textOf } from "./parameters";
import type { PhoneStorage } from "./storage";

const CONTRACT = "《小程序用户隐私保护指引》";
const AGREED = "privacy";
/** A refusal is not asked about again at once. */
const REFUSAL_HOLDS = 10_000;

type Resolve = (answer: unknown) => void;
type Handler = (resolve: Resolve, about: { referrer: string }) => void;

export class Privacy {
  private handler: Handler | undefined;
  private asking: Promise<boolean> | undefined;
  private refusedAt = Number.NEGATIVE_INFINITY;
  private readonly tapped = new Set<string>();

  constructor(
    private readonly shell: Shell,
    /** What WeChat itself remembers, out of the mini program's reach. */
    private readonly memory: PhoneStorage,
    private readonly calls: Calls,
  ) {}

  get isAgreed(): boolean {
    return this.memory.get(AGREED)?.value === true;
  }

  /** A tap on `<button open-type="agreePrivacyAuthorization">` is consent in itself. */
  agree(buttonId: string): void {
    this.tapped.add(buttonId);
    this.remember(true);
  }

  forget(): void {
    this.tapped.clear();
    this.refusedAt = Number.NEGATIVE_INFINITY;
    this.memory.remove(AGREED);
  }

  /** Returns once the person has agreed; throws where they refuse. */
  async require(referrer: string): Promise<void> {
    if (this.isAgreed) return;
    if (Date.now() - this.refusedAt < REFUSAL_HOLDS) throw refusal();
    // Several calls at once are one question.
    this.asking ??= this.ask(referrer).finally(() => {
      this.asking = undefined;
    });
    if (!(await this.asking)) throw refusal();
  }

  functions(): Wx {
    return {
      ...this.calls.define({
        getPrivacySetting: () => ({
          needAuthorization: !this.isAgreed,
          privacyContractName: CONTRACT,
        }),
        openPrivacyContract: async () => {
          await this.shell.showModal({
            title: CONTRACT,
            content: CONTRACT_TEXT,
            showCancel: false,
          });
        },
      }),
      ...this.calls.defineTold({
        requirePrivacyAuthorize: () => this.require("requirePrivacyAuthorize"),
      }),
      // The last one registered counts.
      onNeedPrivacyAuthorization: (handler: Handler) => {
        this.handler = handler;
      },
    };
  }

  private async ask(referrer: string): Promise<boolean> {
    const isAgreed = this.handler
      ? await this.askHandler(this.handler, referrer)
      : await this.shell.askPrivacy({ contractName: CONTRACT });
    this.remember(isAgreed);
    return isAgreed;
  }

  private askHandler(handler: Handler, referrer: string): Promise<boolean> {
    return new Promise((tell) => {
      const resolve: Resolve = (answer) => {
        const { event, ...rest } = isRecord(answer) ? answer : {};
        if (event === "agree") tell(this.hasTapped(rest));
        else if (event === "disagree") tell(false);
        else if (event !== "exposureAuthorization") {
          console.error(`onNeedPrivacyAuthorization: unknown event ${String(event)}`);
        }
      };
      this.calls.run(handler, resolve, { referrer });
    });
  }

  /** A mini program may not agree for the person: only a button that was tapped does. */
  private hasTapped(answer: Result): boolean {
    const id = typeof answer.buttonId === "string" ? textOf(answer, "buttonId") : "";
    if (this.tapped.has(id)) return true;
    console.error(
      `onNeedPrivacyAuthorization: buttonId "${id}" 不是被点击过的 agreePrivacyAuthorization 按钮 / was not tapped`,
    );
    return false;
  }

  private remember(isAgreed: boolean): void {
    if (isAgreed) this.memory.set(AGREED, true);
    else this.refusedAt = Date.now();
  }
}

function refusal(): WxFailure {
  return new WxFailure("privacy permission is not authorized", { errno: 104 });
}

const CONTRACT_TEXT =
  "这是模拟手机上的隐私保护指引。真实的指引由开发者在微信公众平台填写：收集哪些信息、用于什么、保存多久、如何删除。";
