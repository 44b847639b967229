/** An event bound to a method that is not there: glass-easel is silent, WeChat says so on the console. */

import * as glassEasel from "glass-easel";

let isTold = false;

export function tellMissingMethods(): void {
  if (isTold) return;
  isTold = true;
  const told = new Set<string>();
  let heard: string | undefined;

  const { callListener } = glassEasel.Event.prototype;
  glassEasel.Event.prototype.callListener = function (...given): void {
    const before = heard;
    heard = this.getEventName();
    try {
      callListener.apply(this, given);
    } finally {
      heard = before;
    }
  };

  const { getMethod } = glassEasel.Component;
  glassEasel.Component.getMethod = (component, name) => {
    const method = getMethod(component, name);
    const missing = `${component.is} ${name}`;
    if (method || heard === undefined || told.has(missing)) return method;
    told.add(missing);
    console.warn(
      `Component "${component.is}" does not have a method "${name}" to handle event "${heard}".`,
    );
    return method;
  };
}
