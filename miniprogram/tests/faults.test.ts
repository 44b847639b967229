import { describe, expect, test, vi } from "vitest";
import { AuthError } from "wxlogin";
import { faultOf, typed } from "../rules/faults";

const told = (code: string, status: number, data = {}) =>
  faultOf(new AuthError(code, status, data));

describe("an error as a person reads it", () => {
  test("a weak password: what is weak", () => {
    expect(told("password_weak", 422, { reason: "too_short", minimum: 15 }).message).toContain(
      "15",
    );
    expect(told("password_weak", 422, { reason: "common" }).message).toContain("常见");
    expect(told("password_weak", 422, { reason: "later" }).message).toBe("请换一个密码");
  });

  test("a wrong request: which field, by its name on the page", () => {
    const errors = [{ field: "username", reason: "too_long" }, { field: "unheard_of" }];
    expect(told("request_invalid", 400, { errors }).message).toBe("请检查用户名");
  });

  test("disabled: until when, where there is an end", () => {
    const until = new Date(2026, 11, 1, 8, 0).toISOString();
    expect(told("account_disabled", 403, { until }).notes[0]?.value).toBe("2026-12-01 08:00");
    expect(told("account_disabled", 403, { until: null }).notes[0]?.value).toBe("另行通知");
  });

  test("logged in elsewhere: on which phone, where it has a name", () => {
    expect(told("session_replaced", 401, { device: { name: "Mate 90" } }).message).toContain(
      "“Mate 90”",
    );
    expect(told("session_replaced", 401, { device: null }).message).toContain("另一台设备");
  });

  test("each has its picture, and what is unknown the common one", () => {
    expect(told("network_error", 0).kind).toBe("offline");
    expect(told("store_unavailable", 503).kind).toBe("busy");
    expect(told("session_revoked", 401).kind).toBe("device");
    expect(told("unheard_of", 418).kind).toBe("error");
  });

  test("a bug of ours shows nothing of itself to the person, and all of it to the developer", () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const bug = new TypeError("x is not a function");
    expect(JSON.stringify(faultOf(bug))).not.toContain("function");
    expect(log).toHaveBeenCalledWith(bug);
    log.mockRestore();
  });
});

test("something typed wrong has one sentence and no more", () => {
  expect(typed("请输入手机号")).toMatchObject({ title: "请输入手机号", message: "", notes: [] });
});
