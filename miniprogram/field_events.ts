import type { ProofChange } from "./components/proof-field/proof-field";
import type { Fault } from "./rules/faults";

interface FormPage {
  proving?: ProofChange;
  setData(data: { verificationCode?: string; fault?: Fault | null }): void;
}

/** How a page hears the fields it is made of; to be spread into `Page`. */
export const fieldEvents = {
  changeCode(this: FormPage, event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ verificationCode: event.detail.value });
  },

  changeFault(this: FormPage, event: WechatMiniprogram.CustomEvent<{ fault: Fault | null }>) {
    this.setData({ fault: event.detail.fault });
  },

  changeProof(this: FormPage, event: WechatMiniprogram.CustomEvent<ProofChange>) {
    this.proving = event.detail;
  },
};
