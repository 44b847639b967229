import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAt, paths, returnPath } from "../rules/paths";

const app = JSON.parse(readFileSync(join(import.meta.dirname, "../app.json"), "utf8")) as {
  pages: string[];
};

describe("where a login may return to", () => {
  test.each([paths.profile, paths.devices, paths.strategy])("%s, a page of our own", (path) => {
    expect(returnPath(path)).toBe(path);
  });

  test.each([
    undefined,
    "",
    "https://evil.example/pages/profile/index",
    "//evil.example",
    "plugin://evil/page",
    "pages/profile/index",
    "/pages/profile/index?id=1",
    "/pages/profile/index#x",
    "/pages/profile/../account/restore",
    "/pages/profile/index ",
    "%2Fpages%2Fprofile%2Findex",
    "/pages/unknown/unknown",
    "__proto__",
    "constructor",
  ])("not %j", (text) => {
    expect(returnPath(text)).toBeNull();
  });

  test.each([paths.login, paths.registerMobile, paths.notice, paths.restore])(
    "not %s: one would go round in a circle, or be told of nothing",
    (path) => {
      expect(returnPath(path)).toBeNull();
    },
  );
});

test("the table names exactly the pages of app.json", () => {
  expect(Object.values(paths).sort()).toEqual(app.pages.map((page) => `/${page}`).sort());
});

test("a route is told without the leading slash", () => {
  expect(isAt("pages/home/home", paths.home)).toBe(true);
  expect(isAt("pages/login/login", paths.home)).toBe(false);
  expect(isAt(undefined, paths.home)).toBe(false);
});
