/** A copy with its names changed. In JSON a quoted word before a colon is a name: inside a text its
 * quotes would be escaped. */
const renamed = (value: unknown, part: RegExp, change: (letter: string) => string) =>
  JSON.parse(JSON.stringify(value || {}).replace(/"\w+":/g, (name) => name.replace(part, change)));

/** The server's fields as the app sees them. */
export const camel = <T>(value: unknown): T =>
  renamed(value, /_[^\W_]/g, (letter) => letter.slice(1).toUpperCase());

/** The app's fields as the server wants them. */
export const snake = (value: unknown): object =>
  renamed(value, /[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
