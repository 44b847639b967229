/** The little of Node that the tests use. */

declare module "node:child_process" {
  export function execFileSync(
    file: string,
    args: string[],
    options?: { stdio?: string[]; encoding?: "utf8" },
  ): string;
}

declare module "node:fs" {
  export function cpSync(from: string, to: string, options?: { recursive?: boolean }): void;
  export function existsSync(path: string): boolean;
  export function mkdirSync(path: string, options?: { recursive?: boolean }): void;
  export function mkdtempSync(prefix: string): string;
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function rmSync(path: string, options?: { recursive?: boolean }): void;
  export function writeFileSync(path: string, text: string): void;
}

declare module "node:os" {
  export function tmpdir(): string;
}

declare module "node:path" {
  export function dirname(path: string): string;
  export function join(...parts: string[]): string;
  export function resolve(...parts: string[]): string;
}

declare module "node:vm" {
  export function runInThisContext(script: string): unknown;
}

declare const process: { execPath: string };

interface ImportMeta {
  readonly dirname: string;
}
