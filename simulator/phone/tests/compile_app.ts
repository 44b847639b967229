/// <reference path="./node.d.ts" />

/** Compiles a mini program folder with the real command, once for each folder of a test run. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const COMPILER = join(import.meta.dirname, "../../wechat_simulator/phone/compiler/compile.mjs");

export type Built = { script: string; styles: string };

const built = new Map<string, Built>();

export function compileApp(folder: string): Built {
  const source = resolve(folder);
  const app = built.get(source) ?? compile(source);
  built.set(source, app);
  return app;
}

function compile(source: string): Built {
  const out = mkdtempSync(join(tmpdir(), "phone-app-"));
  try {
    const words = [COMPILER, source, out, "--dev"];
    execFileSync(process.execPath, words, { stdio: ["ignore", "inherit", "pipe"] });
    const read = (name: string): string => readFileSync(join(out, name), "utf8");
    return { script: read("app.js"), styles: read("app.css") };
  } finally {
    rmSync(out, { recursive: true });
  }
}
