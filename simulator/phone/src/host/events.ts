/** Events as a mini program's code sees them. */

import * as glassEasel from "glass-easel";

/** An element of the page, as `event.target` and `event.currentTarget` describe it: a plain, copyable value. */
export type EventTargetFacts = {
  id: string;
  offsetLeft: number;
  offsetTop: number;
  dataset: Record<string, unknown>;
};

type Shadowed = ReturnType<glassEasel.Event<unknown>["wrapShadowedEvent"]>;

const heardEvents = new WeakSet<object>();

/** Whether some listener was called for the event. */
export const wasHeard = (event: glassEasel.Event<unknown>): boolean => heardEvents.has(event);

let plain = false;

/** glass-easel gives live elements as targets; WeChat gives plain values, which code stores with setData. */
export function describeTargetsPlainly(): void {
  if (plain) return;
  plain = true;
  const wrap = glassEasel.Event.prototype.wrapShadowedEvent;
  glassEasel.Event.prototype.wrapShadowedEvent = function (target, mark, currentTarget): Shadowed {
    heardEvents.add(this);
    const event = wrap.call(this, target, mark, currentTarget);
    return Object.assign(event, this.extraFields, {
      type: this.type,
      timeStamp: this.timeStamp,
      detail: this.detail,
      target: describe(target),
      currentTarget: describe(currentTarget),
    }) as Shadowed;
  };
}

function describe(target: unknown): EventTargetFacts {
  const element = elementOf(target);
  const node = element?.getBackendElement() as unknown as HTMLElement | null;
  return {
    id: element?.id ?? "",
    offsetLeft: node?.offsetLeft ?? 0,
    offsetTop: node?.offsetTop ?? 0,
    dataset: { ...element?.dataset },
  };
}

/** Of a page's or component's `this`, the node it stands for. */
export function elementOf(caller: unknown): glassEasel.Element | null {
  if (glassEasel.Element.isElement(caller)) return caller;
  const inner = (caller as { _$?: unknown } | null)?._$;
  return glassEasel.Element.isElement(inner) ? inner : null;
}

/** The mini program's element drawn at a DOM node, or around it. */
export function elementAt(node: EventTarget | Node | null): glassEasel.Element | null {
  for (let at = node as Node | null; at; at = at.parentNode) {
    const element = (at as { __wxElement?: unknown }).__wxElement;
    if (glassEasel.Element.isElement(element)) return element;
  }
  return null;
}

export type Happening = {
  detail: unknown;
  fields?: Record<string, unknown>;
  bubbles?: boolean;
  composed?: boolean;
};

/** Fires an event at an element; the answer is the event, to be asked what became of it. */
export function fire(
  element: glassEasel.Element,
  name: string,
  { detail, fields = {}, bubbles = false, composed = false }: Happening,
): glassEasel.Event<unknown> {
  const event = new glassEasel.Event<unknown>(name, detail, {
    bubbles,
    composed,
    capturePhase: true,
    extraFields: fields,
  });
  glassEasel.Event.dispatchEvent(element, event);
  return event;
}
