/** Where gestures come from: fingers, a mouse, a keyboard, assistive technology. */

import { elementAt, fire } from "./events";
import { type Finger, Gestures } from "./gestures";

/** A browser sends the mouse's events too after those of a finger: they would be a second tap. */
const ECHO_MS = 1000;

export function listenToPointers(area: HTMLElement): void {
  const gestures = new Gestures(area);
  const touches = listenToFingers(area, gestures);
  listenToMouse(area, gestures, (event) => event.timeStamp - touches.last < ECHO_MS);
  listenToKeys(area, gestures);
  listenToAnimations(area);
}

function listenToFingers(area: HTMLElement, gestures: Gestures): { last: number } {
  const touches = { last: Number.NEGATIVE_INFINITY };
  const listen = (
    name: "touchstart" | "touchmove" | "touchend" | "touchcancel",
    handle: (finger: Finger, event: TouchEvent) => void,
  ): void =>
    area.addEventListener(
      name,
      (event) => {
        touches.last = event.timeStamp;
        for (const finger of Array.from(event.changedTouches)) handle(finger, event);
      },
      { passive: name === "touchstart" || name === "touchcancel" },
    );
  listen("touchstart", (finger, { target }) => gestures.start(finger, target));
  listen("touchmove", (finger, event) => {
    if (gestures.move(finger, event.target) && event.cancelable) event.preventDefault();
  });
  listen("touchend", (finger, event) => {
    const focused = document.activeElement;
    gestures.end(finger, event.target);
    // The click that a browser makes of a tap would land in the sheet that the tap has just opened.
    const isDone = document.activeElement !== focused || !isNativeControl(event.target);
    if (isDone && event.cancelable) event.preventDefault();
  });
  listen("touchcancel", (finger, { target }) => gestures.cancel(finger, target));
  return touches;
}

function listenToMouse(
  area: HTMLElement,
  gestures: Gestures,
  isEcho: (event: MouseEvent) => boolean,
): void {
  const finger = ({ clientX, clientY }: MouseEvent): Finger => ({
    identifier: 0,
    clientX,
    clientY,
  });
  let down = false;
  area.addEventListener("mousedown", (event) => {
    if (isEcho(event) || event.button !== 0) return;
    down = true;
    gestures.start(finger(event), event.target);
  });
  area.addEventListener("mousemove", (event) => {
    if (down) gestures.move(finger(event), event.target);
  });
  // Also where the button is let go beside the page.
  area.ownerDocument.addEventListener("mouseup", (event) => {
    if (!down) return;
    down = false;
    if (area.contains(event.target as Node)) gestures.end(finger(event), event.target);
    else gestures.cancel(finger(event), area);
  });
}

/** Enter and space on what has the focus, and the clicks of those who have no pointer. */
function listenToKeys(area: HTMLElement, gestures: Gestures): void {
  area.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== " ") || isNativeControl(event.target)) return;
    event.preventDefault();
    gestures.tap(event.target);
  });
  area.addEventListener("click", (event) => {
    if (event.detail === 0 && event.isTrusted && !isNativeControl(event.target)) {
      gestures.tap(event.target);
    }
  });
}

/** The browser knows by itself what to do with these. */
const isNativeControl = (node: EventTarget | null): boolean =>
  node instanceof Element && node.closest("input, textarea, select, button") !== null;

function listenToAnimations(area: HTMLElement): void {
  const names = ["transitionend", "animationstart", "animationiteration", "animationend"] as const;
  for (const name of names) {
    area.addEventListener(name, ({ target, elapsedTime }) => {
      const element = elementAt(target);
      if (element) fire(element, name, { detail: { elapsedTime } });
    });
  }
}
