import { describe, expect, it } from "vitest";
import { ACTS, mayRole } from "@/session/roles";

const OF_ADMINS = ["accounts:erase", "apps:change", "service-keys", "operators", "audit:export"];

describe("what a role may do", () => {
  it.each(ACTS)("an admin may %s", (act) => expect(mayRole("admin", act)).toBe(true));

  it.each(ACTS)("support may %s only where it is not an admin's act", (act) => {
    expect(mayRole("support", act)).toBe(!OF_ADMINS.includes(act));
  });

  it.each(ACTS)("nobody signed in may not %s", (act) => {
    expect(mayRole(undefined, act)).toBe(false);
  });

  it("a role that we do not know may nothing", () => {
    expect(ACTS.some((act) => mayRole("owner" as "admin", act))).toBe(false);
  });
});
