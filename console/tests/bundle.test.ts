// @vitest-environment node
/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const STATIC = new URL("../../src/wxlogin/console/static/", import.meta.url);
const files = readdirSync(STATIC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => ({ name: entry.name, bytes: readFileSync(`${entry.parentPath}/${entry.name}`) }));
const texts = files.map((file) => file.bytes.toString("utf8"));
const page = files.find((file) => file.name === "index.html")!.bytes.toString("utf8");

/** Names of XML languages and words in messages; nothing is ever fetched from them. */
const NO_FETCH = /^https?:\/\/(www\.w3\.org\/|vuejs\.org\/error-reference\/|www\.example\.com$)/;

describe("the built console", () => {
  it("is at most 350 kB gzipped", () => {
    const size = files.reduce((sum, file) => sum + gzipSync(file.bytes).length, 0);
    expect(size).toBeLessThanOrEqual(350_000);
  });

  it("has a page without inline script or style, as its CSP demands", () => {
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/);
  });

  it("knows no outside address", () => {
    const outside = texts
      .flatMap((text) => text.match(/https?:\/\/[\w.-]+\.[a-z]+[\w./-]*/g) ?? [])
      .filter((address) => !NO_FETCH.test(address));
    expect(outside).toEqual([]);
    expect(page).not.toMatch(/(src|href)="(?!\/assets\/)/);
  });

  it("makes no style element: the CSP would refuse what stands in it", () => {
    expect(texts.filter((text) => /createElement\(["'`]style/.test(text))).toEqual([]);
  });

  it("names every asset by its content", () => {
    const assets = files.filter((file) => file.name !== "index.html").map((file) => file.name);
    expect(assets.filter((name) => !/-[\w-]{8}\.(js|css|svg)$/.test(name))).toEqual([]);
  });
});

describe("the lock file", () => {
  const lock = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");

  it("names no registry, and pins every package by its hash", () => {
    expect(lock).not.toContain('"resolved"');
    const { packages } = JSON.parse(lock) as { packages: Record<string, { integrity?: string }> };
    const loose = Object.entries(packages).filter(([name, each]) => name && !each.integrity);
    expect(loose).toEqual([]);
  });
});
