/** What is wrong with a mini program, and where. Any problem stops the compilation. */

export class Problems {
  #found = [];

  /** `at` has a line and a column, both counted from 1. */
  add(path, at, message) {
    this.#found.push({ path, line: at?.line ?? 1, column: at?.column ?? 1, message });
  }

  get any() {
    return this.#found.length > 0;
  }

  /** In the order of files and lines, each once. */
  list() {
    const lines = new Map(this.#found.map((each) => [describeProblem(each), each]));
    return [...lines.values()].sort(
      (a, b) => compare(a.path, b.path) || a.line - b.line || a.column - b.column,
    );
  }
}

export const describeProblem = ({ path, line, column, message }) =>
  `${path}:${line}:${column}: ${message}`;

/** Line and column of an offset in a text. */
export function positionAt(text, offset) {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

/** Where a text first stands in another, for messages about values whose place is not known otherwise. */
export const positionOf = (text, wanted) => positionAt(text, Math.max(text.indexOf(wanted), 0));

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
