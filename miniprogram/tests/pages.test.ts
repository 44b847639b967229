// @vitest-environment jsdom
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPages, openSignedIn } from "./opening";

const { pages } = JSON.parse(readFileSync(join(import.meta.dirname, "../app.json"), "utf8")) as {
  pages: string[];
};

describe.each(pages)("%s", (path) => {
  test("opens for a guest without an error, and makes no login", async () => {
    const { phone, server } = await openPages(path);
    expect(phone.errors).toEqual([]);
    expect(phone.text()).not.toBe("");
    expect(server.calls("/sim/wx/login")).toEqual([]);
  });

  test("opens for whoever is signed in", async () => {
    const { phone } = await openSignedIn(path);
    expect(phone.errors).toEqual([]);
    expect(phone.text()).not.toBe("");
  });
});
