/**
 * What the server tells, as it happens. The browser connects anew by itself, and hears what it
 * missed. Only a page that is seen listens: a browser has six connections to a host, and six tabs
 * that hold one each would leave none for a request.
 */

/** @typedef {import("./types").ServerFact} ServerFact */

/**
 * @param {(fact: ServerFact) => void} hear
 * @param {(isThere: boolean) => void} reach whether the demo answers
 */
export function listen(hear, reach) {
  const isNew = eachOnce();
  /** @type {EventSource | null} */
  let source = null;

  function attend() {
    if (document.hidden) {
      source?.close();
      source = null;
      return;
    }
    if (source) return;
    source = new EventSource("/demo/events");
    source.addEventListener("open", () => reach(true));
    source.addEventListener("error", () => reach(false));
    source.addEventListener("message", (event) => {
      const fact = /** @type {ServerFact} */ (JSON.parse(event.data));
      if (!("number" in fact) || isNew(event.lastEventId)) hear(fact);
    });
  }

  document.addEventListener("visibilitychange", attend);
  attend();
}

/** A page that comes back is told again what it knows: whether this fact is one it does not know. */
function eachOnce() {
  let demo = "";
  let last = 0;
  return (/** @type {string} */ id) => {
    const [itsDemo = "", number = ""] = id.split("-");
    if (itsDemo === demo && Number(number) <= last) return false;
    demo = itsDemo;
    last = Number(number);
    return true;
  };
}
