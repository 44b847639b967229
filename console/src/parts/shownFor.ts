/** A text that must not stay on the screen: it is forgotten after some seconds, or with its page. */

import { onScopeDispose, ref } from "vue";

export function useShownFor(seconds: number) {
  const shown = ref<string | null>(null);
  const secondsLeft = ref(0);
  let timer: ReturnType<typeof setInterval> | undefined;

  function hide(): void {
    clearInterval(timer);
    shown.value = null;
  }

  function show(text: string): void {
    hide();
    // Counted from the clock: a tab in the background ticks seldom, a sleeping machine not at all.
    const until = Date.now() + seconds * 1000;
    shown.value = text;
    secondsLeft.value = seconds;
    timer = setInterval(() => {
      secondsLeft.value = Math.ceil((until - Date.now()) / 1000);
      if (secondsLeft.value <= 0) hide();
    }, 500);
  }

  onScopeDispose(hide);
  return { shown, secondsLeft, show, hide };
}
