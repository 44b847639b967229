/**
 * What crossed the wire in one line: `GET /path  name=value …`.
 * @param {unknown} wire
 * @returns {string}
 */
export function wireText(wire) {
  if (wire === null || wire === undefined) return "";
  if (typeof wire !== "object") return String(wire);
  return Object.entries(wire)
    .map(([name, value]) =>
      /^[A-Z]+$/.test(name) ? `${name} ${value}` : `${name}=${short(value)}`,
    )
    .join("  ");
}

/** @param {unknown} value */
function short(value) {
  const told = typeof value === "string" ? value : JSON.stringify(value);
  return told.length > 80 ? `${told.slice(0, 80)}…` : told;
}
