/** One thing an operator can do, as the dialog that asks for the reason needs it. */

export interface Act {
  title: string;
  explanation?: string;
  confirm?: string;
  isDanger?: boolean;
  /** What is told when it worked. */
  done: string;
  run: (reason: string) => Promise<unknown>;
}

export const REASON_LIMIT = 500;

export function isReason(text: string): boolean {
  const length = Array.from(text.trim()).length;
  return length > 0 && length <= REASON_LIMIT;
}
