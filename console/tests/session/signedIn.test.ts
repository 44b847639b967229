import { afterEach, describe, expect, it } from "vitest";
import type { Operator } from "@/api/types";
import { begin, end, heard, isSignedIn, may, signedIn } from "@/session/signedIn";

const OPERATOR: Operator = { id: "op-1", name: "chenli", role: "support", language: "zh" };
const start = () => begin({ operator: OPERATOR, expires_in: 43_200, idle_expires_in: 1800 }, 5000);

afterEach(() => end(null));

describe("who is signed in", () => {
  it("gets what the role may, until the end", () => {
    start();
    expect([isSignedIn.value, may("accounts:merge"), may("operators")]).toEqual([
      true,
      true,
      false,
    ]);
    end("session_revoked");
    expect([isSignedIn.value, may("accounts:merge")]).toEqual([false, false]);
    expect(signedIn.endedBy).toBe("session_revoked");
  });

  it("loses a session that was there with a word about it, and one that was not without", () => {
    end("session_missing");
    expect(signedIn.endedBy).toBeNull();
    start();
    end("session_missing");
    expect(signedIn.endedBy).toBe("session_missing");
  });

  it("is kept by the newest answer of any tab: an older message never shortens it", () => {
    start();
    heard(9000);
    heard(7000);
    expect(signedIn.limits?.heardAt).toBe(9000);
  });

  it("signs in anew without the old story", () => {
    end("session_idle");
    start();
    expect(signedIn.endedBy).toBeNull();
  });
});
