import { describe, expect, it } from "vitest";
import type { App, Failure } from "@/api/types";
import { untilOf } from "@/pages/accounts/term";
import { draftOf, isAesKey, policyOf } from "@/pages/apps/policy";
import { filterOf, NO_FILTER } from "@/pages/audit/filter";
import { failureLayers } from "@/pages/overview/failures";

const NOW = new Date("2026-11-22T16:00:00.500Z");

describe("for how long an account is disabled", () => {
  it("is counted from now, is a chosen local time, or has no end", () => {
    expect(untilOf("7d", "", NOW)).toBe("2026-11-29T16:00:00Z");
    expect(untilOf("chosen", "2026-12-01 08:30", NOW)).toBe("2026-12-01T00:30:00Z");
    expect(untilOf("lifted", "", NOW)).toBeNull();
  });
});

describe("the audit filter", () => {
  it("asks nothing where nothing was filled in", () => expect(filterOf(NO_FILTER)).toEqual({}));

  it("takes whole local days, the last one included", () => {
    expect(filterOf({ ...NO_FILTER, from: "2026-11-01", to: "2026-11-30" })).toEqual({
      from: "2026-10-31T16:00:00Z",
      to: "2026-11-30T16:00:00Z",
    });
  });

  it("leaves out blanks around what was pasted", () => {
    expect(filterOf({ ...NO_FILTER, actor: " chenli ", accountId: " " })).toEqual({
      actor: "chenli",
    });
  });
});

describe("the policy of an app", () => {
  const app: App = {
    app_id: "wx1",
    kind: "mini_program",
    registration: "closed",
    phone_conflict: "join",
    pool: "default",
    is_disabled: false,
    is_read_only: false,
    has_push_token: true,
    has_encoding_aes_key: true,
    has_next_secret: false,
    cors_origins: ["https://a.example", "https://b.example"],
    created_at: null,
  };

  it("opened and saved unchanged changes nothing, and sends no secret", () => {
    expect(policyOf(draftOf(app))).toEqual({
      registration: "closed",
      phone_conflict: "join",
      cors_origins: app.cors_origins,
    });
  });

  it("sends a secret only where one was written", () => {
    const draft = { ...draftOf(app), pushToken: " t ", origins: " https://c.example,\n" };
    expect(policyOf(draft)).toMatchObject({ push_token: "t", cors_origins: ["https://c.example"] });
    expect(policyOf(draft)).not.toHaveProperty("encoding_aes_key");
  });

  it("knows the shape of an EncodingAESKey", () => {
    expect(isAesKey("")).toBe(true);
    expect(isAesKey("a".repeat(43))).toBe(true);
    expect(isAesKey("a".repeat(42))).toBe(false);
    expect(isAesKey(`${"a".repeat(42)}=`)).toBe(false);
  });
});

describe("failures by errcode", () => {
  const failure = (errcode: number, count: number): Failure => ({
    errcode,
    meaning: `meaning ${errcode}`,
    count,
    series: [{ at: "t", value: count }],
  });

  it("name the meaning in the operator's language, else in the server's words", () => {
    const [one, other] = failureLayers([failure(40029, 5), failure(59999, 1)], ["t"]);
    expect(one?.meaning).toBe("code 无效或已过期");
    expect(other?.meaning).toBe("meaning 59999");
  });

  it("lie most frequent first, the rare ones together, and none of them empty", () => {
    const failures = Array.from({ length: 9 }, (_, i) => failure(50_000 + i, i));
    const layers = failureLayers(failures, ["t"]);
    expect(layers.map((layer) => layer.count)).toEqual([8, 7, 6, 5, 4, 3, 3]);
    expect(layers.at(-1)).toMatchObject({ errcode: null, meaning: "50002, 50001", values: [3] });
  });
});
