import { ask } from "./asking";
import type { PrivacyWx } from "./wx";

declare const wx: PrivacyWx;

export interface PrivacyAsk {
  /** The function or component that waits for consent. */
  referrer: string;
  /** `buttonId`: the id of the tapped `<button open-type="agreePrivacyAuthorization">`. */
  agree(buttonId: string): void;
  disagree(): void;
}

export interface PrivacyConsent {
  isNeeded(): Promise<{ needed: boolean; contractName: string }>;
  /** Returns what takes the listener off again: WeChat's own dialog does not come back then, and
   * what asks is refused. */
  onAsk(listener: (ask: PrivacyAsk) => void): () => void;
  openContract(): Promise<void>;
}

type Setting = { needAuthorization?: boolean; privacyContractName?: string };
type Resolve = (answer: { event: string; buttonId?: string }) => void;

/** Consent to the privacy policy (用户隐私保护指引): phone and avatar wait for it, a login does not.
 * Where WeChat is too old to ask, nothing needs consent. */
export const privacyConsent = ({ wx: host = wx }: { wx?: PrivacyWx } = {}): PrivacyConsent => ({
  async isNeeded() {
    const { needAuthorization, privacyContractName = "" } = await ask<Setting>(
      host,
      "getPrivacySetting",
    ).catch(() => ({}) as Setting);
    return { needed: !!needAuthorization, contractName: privacyContractName };
  },

  onAsk(listener) {
    if (host.onNeedPrivacyAuthorization) {
      host.onNeedPrivacyAuthorization(((resolve: Resolve, { referrer }: { referrer: string }) => {
        const disagree = () => resolve({ event: "disagree" });
        const agree = (buttonId: string) => resolve({ event: "agree", buttonId });
        listener({ referrer, agree, disagree });
      }) as never);
    }
    return () => {
      listener = ({ disagree }) => disagree();
    };
  },

  openContract: () => ask<void>(host, "openPrivacyContract"),
});
