import { describe, expect, it } from "vitest";
import { shallowRef } from "vue";
import { ApiProblem } from "@/api/problem";
import { useLoaded, usePages } from "@/parts/loaded";

function later<Value>() {
  let answer!: (value: Value) => void;
  let refuse!: (reason: unknown) => void;
  const promise = new Promise<Value>((resolve, reject) => ([answer, refuse] = [resolve, reject]));
  return { promise, answer, refuse };
}

/** Two questions, of which the first is answered last. Tells what is shown in the end. */
async function overtake(
  use: (load: () => Promise<string>) => {
    value: { value: string | null };
    reload: () => Promise<void>;
  },
) {
  const answers = [later<string>(), later<string>()];
  let asked = 0;
  const { value, reload } = use(() => answers[asked++]!.promise);
  const both = [reload(), reload()];
  answers[1]!.answer("new");
  await both[1];
  answers[0]!.answer("old");
  await both[0];
  return value.value;
}

function withoutTurns(load: () => Promise<string>) {
  const value = shallowRef<string | null>(null);
  return { value, reload: async () => void (value.value = await load()) };
}

describe("useLoaded", () => {
  it("shows the last question's answer, in whatever order the answers come", async () => {
    expect(await overtake(useLoaded)).toBe("new");
  });

  it("needs its turns for that: without them the old answer wins", async () => {
    expect(await overtake(withoutTurns)).toBe("old");
  });

  it("keeps what it has when a reload fails, and says what went wrong", async () => {
    const problem = new ApiProblem(503, "store_unavailable", "", null, null);
    const answers = [Promise.resolve("a"), Promise.reject(problem)];
    const loaded = useLoaded(() => answers.shift()!);
    await loaded.reload();
    await loaded.reload();
    expect([loaded.value.value, loaded.problem.value, loaded.isLoading.value]).toEqual([
      "a",
      problem,
      false,
    ]);
  });

  it("lets a fault of ours through: it is no problem of the server's", async () => {
    const loaded = useLoaded(() => Promise.reject(new RangeError("ours")));
    await expect(loaded.reload()).rejects.toBeInstanceOf(RangeError);
  });
});

describe("usePages", () => {
  it("goes on by the cursor of the page shown, and back the way it came", async () => {
    const asked: (string | undefined)[] = [];
    const pages = usePages((cursor) => {
      asked.push(cursor);
      return Promise.resolve({ items: [], next: cursor ? `${cursor}+` : "c" });
    });
    await pages.first();
    await pages.next();
    await pages.next();
    await pages.previous();
    await pages.first();
    expect(asked).toEqual([undefined, "c", "c+", "c", undefined]);
  });
});
