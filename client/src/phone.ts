import { AuthError } from "./errors";
import type { PhoneButton, PhoneDetail } from "./types";

type Reason = [pattern: RegExp, code: string];

/** Why the phone button gave nothing. WeChat has three spellings of a plain refusal. */
const REASONS: Reason[] = [
  [/declare|#112/, "privacy_undeclared"],
  [/privacy|#10(4|11)/, "privacy_denied"],
  [/quota|#14000/, "phone_no_quota"],
  [/permi|banned|:ok|#102/, "phone_no_permission"],
  [/./, "phone_denied"],
];

/** What the phone button gave; an old WeChat gives no code. */
export const phoneOf = (tapped: PhoneButton): PhoneDetail => {
  const detail = (tapped as { detail: PhoneDetail }).detail || tapped;
  if (detail.code || detail.encryptedData) return detail;
  const { errMsg, errno } = detail;
  const [, code] = REASONS.find(([pattern]) => pattern.test(`${errMsg}#${errno}`)) as Reason;
  throw new AuthError(code, 0, { errMsg, errno });
};
