// Prints what the client makes of refusals: {code: status} on stdin, {code: [title, action]} out.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: ["client/src/errors.ts"],
  bundle: true,
  format: "esm",
  write: false,
});
const text = Buffer.from(outputFiles[0].contents).toString("base64");
const { AuthError } = await import(`data:text/javascript;base64,${text}`);
const statuses = Object.entries(JSON.parse(readFileSync(0, "utf8")));
const told = statuses.map(([code, status]) => {
  const { title, action } = new AuthError(code, status);
  return [code, [title, action]];
});
console.log(JSON.stringify(Object.fromEntries(told)));
