/** Tells the result of an act: seen as a message, and heard from the page's live region. */

import { ref } from "vue";
import { MessagePlugin } from "tdesign-vue-next";

export const announced = ref("");

export function tell(text: string): void {
  announced.value = text;
  void MessagePlugin.success(text);
}
