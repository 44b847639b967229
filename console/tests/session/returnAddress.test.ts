import { describe, expect, it } from "vitest";
import { returnAddress } from "@/session/returnAddress";

describe("the way back after signing in", () => {
  it("leads to the page where the operator was", () => {
    expect(returnAddress("/accounts/0199?tab=2")).toBe("/accounts/0199?tab=2");
  });

  it.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "overview",
    "/sign-in?to=/sign-in",
    ["/accounts"],
    undefined,
  ])("%s leads nowhere but home", (to) => expect(returnAddress(to)).toBe("/overview"));
});
