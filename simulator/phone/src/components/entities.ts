/** The entities WeChat knows in texts. */

const CHARACTERS: Record<string, string> = {
  nbsp: "\u00a0",
  ensp: "\u2002",
  emsp: "\u2003",
  lt: "<",
  gt: ">",
  amp: "&",
  apos: "'",
  quot: '"',
};

export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi,
    (whole, decimal, hex, name) => {
      if (name) return CHARACTERS[name] ?? whole;
      const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** Spaces that are kept, of the width the page asks for. */
export function keepSpaces(text: string, space: string): string {
  const kept = CHARACTERS[space];
  return kept ? text.replaceAll(" ", kept) : text;
}
