/** Fingers on the page become `touchstart`, `tap`, `longpress` and their like. */

import { elementAt, fire, wasHeard } from "./events";
import { hover } from "./hovering";

/** A finger that moved further is no tap. */
const TAP_DISTANCE = 10;
const LONG_PRESS_MS = 350;

export type Finger = { identifier: number; clientX: number; clientY: number };
type Touched = EventTarget | null;
type Press = {
  finger: Finger;
  node: Touched;
  longPress: ReturnType<typeof setTimeout>;
  release: () => void;
};

export class Gestures {
  private readonly presses = new Map<number, Press>();

  constructor(private readonly area: HTMLElement) {}

  start(finger: Finger, node: Touched): void {
    this.drop(finger);
    this.send("touchstart", finger, node);
    const longPress = setTimeout(() => {
      const heard = this.send("longpress", finger, node).heard;
      this.send("longtap", finger, node);
      // Who listens for a long press gets no tap after it.
      if (heard) this.drop(finger);
    }, LONG_PRESS_MS);
    const release = hover(elementAt(node));
    this.presses.set(finger.identifier, { finger, node, longPress, release });
  }

  /** Whether a page keeps what the browser would do, such as to scroll. */
  move(finger: Finger, node: Touched): boolean {
    const { prevented } = this.send("touchmove", finger, node);
    const press = this.presses.get(finger.identifier);
    if (press && isFar(press.finger, finger)) this.drop(finger);
    return prevented;
  }

  end(finger: Finger, node: Touched): void {
    this.send("touchend", finger, node);
    const press = this.drop(finger);
    if (press && !isFar(press.finger, finger)) this.tap(press.node, finger);
  }

  cancel(finger: Finger, node: Touched): void {
    this.drop(finger);
    this.send("touchcancel", finger, node);
  }

  tap(node: Touched, finger: Finger = { identifier: 0, clientX: 0, clientY: 0 }): void {
    this.send("tap", finger, node);
  }

  private drop({ identifier }: Finger): Press | undefined {
    const press = this.presses.get(identifier);
    if (!press) return undefined;
    clearTimeout(press.longPress);
    press.release();
    this.presses.delete(identifier);
    return press;
  }

  private send(
    name: string,
    finger: Finger,
    node: Touched,
  ): { heard: boolean; prevented: boolean } {
    const element = elementAt(node);
    if (!element) return { heard: false, prevented: false };
    const box = this.area.getBoundingClientRect();
    const [x, y] = [finger.clientX - box.left, finger.clientY - box.top];
    const touch = { identifier: finger.identifier, clientX: x, clientY: y, pageX: x, pageY: y };
    const isOver = name === "touchend" || name === "touchcancel";
    const event = fire(element, name, {
      detail: { x, y },
      fields: { touches: isOver ? [] : [touch], changedTouches: [touch] },
      bubbles: true,
      composed: true,
    });
    return { heard: wasHeard(event), prevented: event.defaultPrevented() };
  }
}

const isFar = (from: Finger, to: Finger): boolean =>
  Math.abs(from.clientX - to.clientX) > TAP_DISTANCE ||
  Math.abs(from.clientY - to.clientY) > TAP_DISTANCE;
