/** JSON as WeChat reads it: strict, no comments, no trailing commas. */

import { transformSync } from "esbuild";

/** The value, or undefined where the text is no object (told to `problems`). */
export function parseObject(text, path, problems) {
  const value = parse(text, path, problems);
  if (value === undefined) return undefined;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    problems.add(path, null, "应为一个 JSON 对象 (a JSON object is expected)");
    return undefined;
  }
  return value;
}

function parse(text, path, problems) {
  try {
    // esbuild knows the place of an error, and finds keys written twice.
    const { warnings } = transformSync(text, { loader: "json", logLevel: "silent" });
    for (const warning of warnings) tell(warning, path, problems);
    return JSON.parse(text);
  } catch (error) {
    if (error.errors?.length) for (const each of error.errors) tell(each, path, problems);
    else problems.add(path, null, `JSON 格式错误 (wrong JSON): ${error.message}`);
    return undefined;
  }
}

const tell = ({ text, location }, path, problems) =>
  problems.add(
    path,
    location && { line: location.line, column: location.column + 1 },
    `JSON 格式错误 (wrong JSON): ${text}`,
  );
