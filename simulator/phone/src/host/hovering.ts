/** `hover-class`: the class an element wears while a finger is on it. */

import * as glassEasel from "glass-easel";

/** The segment of an element's classes that templates leave alone (`TEMP_EXTRA`). */
const HOVER = 3;

type Hoverable = {
  hoverClass?: string;
  hoverStopPropagation?: boolean;
  hoverStartTime?: number;
  hoverStayTime?: number;
  disabled?: boolean;
};

/** Starts hovering from the touched element upwards; the answer ends it. */
export function hover(touched: glassEasel.Element | null): () => void {
  const endings: (() => void)[] = [];
  for (let at = touched; at; at = at.getComposedParent()) {
    const wanted = hoverOf(at);
    if (!wanted?.hoverClass || wanted.hoverClass === "none") continue;
    if (!wanted.disabled) endings.push(wear(at, wanted.hoverClass, wanted));
    if (wanted.hoverStopPropagation) break;
  }
  return () => {
    for (const end of endings) end();
  };
}

const hoverOf = (element: glassEasel.Element): Hoverable | null =>
  glassEasel.Component.isComponent(element) ? (element.data as Hoverable) : null;

function wear(
  element: glassEasel.Element,
  name: string,
  { hoverStartTime, hoverStayTime }: Hoverable,
) {
  const dress = (on: boolean): void => element.setNodeClass(on ? name : "", HOVER);
  const starting = setTimeout(() => dress(true), hoverStartTime ?? 0);
  return () => {
    clearTimeout(starting);
    setTimeout(() => dress(false), hoverStayTime ?? 0);
  };
}
