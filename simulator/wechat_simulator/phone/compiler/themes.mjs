/** `prefers-color-scheme` in media queries. */

const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/i;

/** The theme a query asks for, and what else it asks. */
export function themesOf(params) {
  const found = SCHEME.exec(params);
  if (!found) return { themes: null, rest: params };
  const rest = params
    .replace(SCHEME, "")
    .trim()
    .replace(/^and\b|\band$/gi, "")
    .replace(/\band\s+and\b/gi, "and")
    .replace(/^(screen|all)$/i, "")
    .trim();
  return { themes: found[1].toLowerCase(), rest };
}
