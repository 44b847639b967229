import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type OpenedPhone, openPhone } from "./open_phone";

const SMALL = join(import.meta.dirname, "fixtures/small");
let phone: OpenedPhone;
afterEach(() => phone.close());

describe("a page", () => {
  test("lives through load, show and ready, in this order", async () => {
    phone = await openPhone(SMALL);
    expect(phone.text("#log")).toBe("load {} show ready");
    expect(phone.errors).toEqual([]);
  });

  test("is told when one comes back to it, and not loaded again", async () => {
    phone = await openPhone(SMALL);
    await phone.tap("#go");
    expect(phone.path).toBe("pages/second/second");
    expect(phone.text()).toContain("from home");
    await phone.tap("#back");
    expect(phone.text("#log")).toBe("load {} show ready show");
  });

  test("gets its query as it was written, not decoded", async () => {
    phone = await openPhone(SMALL, { path: "pages/second/second?from=a%20b=c&empty=&bare?x=1" });
    expect(phone.page().options).toEqual({ from: "a%20b", empty: "", bare: "undefined" });
  });
});
