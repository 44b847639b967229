/** Loading for a page: the value, whether it is on its way, and what went wrong. */

import { ref, shallowRef } from "vue";
import { asProblem, type Problem } from "@/api/problem";
import type { Page } from "@/api/types";

export function useLoaded<Value>(load: () => Promise<Value>) {
  const value = shallowRef<Value | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const isLoading = ref(false);
  let turn = 0;

  async function reload(): Promise<void> {
    const mine = ++turn;
    isLoading.value = true;
    try {
      const answer = await load();
      // Two answers may overtake each other: only the last question's is shown.
      if (mine !== turn) return;
      value.value = answer;
      problem.value = null;
    } catch (thrown) {
      if (mine === turn) problem.value = asProblem(thrown);
    } finally {
      if (mine === turn) isLoading.value = false;
    }
  }

  return { value, problem, isLoading, reload };
}

/** Paging through a list by cursors; the way back is the stack of those already used. */
export function usePages<Item>(load: (cursor?: string) => Promise<Page<Item>>) {
  const cursors = ref<(string | undefined)[]>([undefined]);
  const loaded = useLoaded(() => load(cursors.value.at(-1)));

  const show = (stack: (string | undefined)[]) => {
    cursors.value = stack;
    return loaded.reload();
  };

  return {
    ...loaded,
    cursors,
    first: () => show([undefined]),
    next: () => show([...cursors.value, loaded.value.value?.next ?? undefined]),
    previous: () => show(cursors.value.slice(0, -1)),
  };
}
