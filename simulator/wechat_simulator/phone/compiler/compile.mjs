#!/usr/bin/env node
/** node compile.mjs <mini program folder> <out folder> [--dev] [--json] */

import { compile } from "./compiling.mjs";
import { describeProblem } from "./problems.mjs";

const words = process.argv.slice(2);
const [folder, out, ...rest] = words.filter((word) => !word.startsWith("--"));
const options = new Set(words.filter((word) => word.startsWith("--")));
const dev = options.delete("--dev");
const json = options.delete("--json");

if (!folder || !out || rest.length > 0 || options.size > 0) {
  console.error(
    "用法 (usage): node compile.mjs <小程序目录 mini program folder> <输出目录 out folder> [--dev] [--json]",
  );
  process.exit(2);
}

const { problems, report } = await compile(folder, out, { dev });
if (json) console.log(JSON.stringify({ problems, report }));
for (const problem of problems) console.error(describeProblem(problem));
process.exitCode = problems.length > 0 ? 1 : 0;
