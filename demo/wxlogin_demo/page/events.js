/** What the server tells, as it happens. The browser connects anew by itself, and hears what it missed. */

/** @typedef {import("./types").ServerFact} ServerFact */

/**
 * @param {(fact: ServerFact) => void} hear
 * @param {(isThere: boolean) => void} reach whether the demo answers
 */
export function listen(hear, reach) {
  const source = new EventSource("/demo/events");
  source.addEventListener("open", () => reach(true));
  source.addEventListener("error", () => reach(false));
  source.addEventListener("message", (event) => {
    hear(/** @type {ServerFact} */ (JSON.parse(event.data)));
  });
}
