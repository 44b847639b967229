import { afterEach, describe, expect, it } from "vitest";
import { isKey, t, tWord } from "@/language";
import { en } from "@/language/en";
import { zh } from "@/language/zh";
import { setLanguage } from "@/session/preferences";

const keys = Object.keys(zh) as (keyof typeof zh)[];
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([each]) => each).sort();

const sources = Object.values(
  import.meta.glob<string>("/src/**/*.{ts,vue}", { query: "?raw", import: "default", eager: true }),
).filter((source) => !source.includes("export const zh =") && !source.includes("export const en:"));

/** Keys that are put together from a prefix and a word of the server's or of a list. */
const BUILT = [
  "actor.",
  "application.none.",
  "apps.checkBad.",
  "apps.kind.",
  "apps.phoneConflict.",
  "apps.registration.",
  "audit.kind.",
  "disable.term.",
  "door.",
  "errcode.",
  "merge.conflict.",
  "operators.roleSays.",
  "overview.range.",
  "role.",
  "scope.",
  "signIn.after.",
  "status.",
  "theme.",
];

afterEach(() => setLanguage("zh"));

describe("the two catalogues", () => {
  it("have the very same keys", () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
  });

  it("say something under each, with the same values to fill in", () => {
    const isAmiss = (key: keyof typeof zh) =>
      !zh[key].trim() ||
      !en[key].trim() ||
      `${placeholders(en[key])}` !== `${placeholders(zh[key])}`;
    expect(keys.filter(isAmiss)).toEqual([]);
  });

  it("the English one has no Chinese in it but the name of the other language", () => {
    const chinese = keys.filter((key) => /\p{Script=Han}/u.test(en[key]));
    expect(chinese).toEqual(["language.other"]);
  });

  it("hold no key that nobody shows", () => {
    const all = sources.join("\n");
    const unused = keys.filter(
      (key) => !BUILT.some((prefix) => key.startsWith(prefix)) && !all.includes(key),
    );
    expect(unused).toEqual([]);
  });
});

describe("filling in", () => {
  it("values stand where their names stood, and are never read as a pattern", () => {
    expect(t("pager.number", { n: 3 })).toBe("第 3 页");
    expect(t("account.toldUser", { reason: "$& {n}" })).toBe("告知用户的原因：$& {n}");
  });

  it("follows the chosen language", () => {
    setLanguage("en");
    expect(t("common.cancel")).toBe("Cancel");
  });

  it("a word of the server's that we do not know is shown as it came", () => {
    expect(tWord("door", "sms")).toBe("短信验证码");
    expect(tWord("door", "some_new_door")).toBe("some_new_door");
    expect(isKey("toString")).toBe(false);
  });
});
