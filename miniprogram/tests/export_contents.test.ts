import { expect, test } from "vitest";
import { contentsOf } from "../rules/export_contents";

test("an export is told as a list, in the server's order of importance", () => {
  const parts = contentsOf({ logins: [1, 2], account: { id: "a" }, exported_at: "…", later: [] });
  expect(parts).toEqual([
    { name: "账号资料", count: "1 项" },
    { name: "登录记录", count: "2 项" },
  ]);
});

test.each([null, "text", 3])("%j is no export", (value) => {
  expect(contentsOf(value)).toEqual([]);
});
