/** The sheet of a picker: columns over the lower end of the phone. */

import type { Shell } from "../host/ports";
import { openDialog } from "../shell/dialog";
import { Wheel } from "./wheel";

/** As in picker.css. */
const ROW_HEIGHT = 48;

export type PickerSheet = {
  show(columns: string[][], chosen: number[]): void;
  /** Whether the person confirmed. */
  answer: Promise<boolean>;
};

type Options = {
  title: string;
  columns: string[][];
  chosen: number[];
  onMove(column: number, index: number): void;
};

export function openPickerSheet(
  shell: Shell,
  { title, columns, chosen, onMove }: Options,
): PickerSheet {
  const area = document.createElement("div");
  area.className = "built-in-picker";
  let wheels: { wheel: Wheel; texts: string[] }[] = [];

  const show = (now: string[][], chosenNow: number[]): void => {
    if (wheels.length !== now.length) {
      wheels = now.map((_, column) => makeWheel(column, onMove));
      area.replaceChildren(...wheels.map(({ wheel }) => wheel.scroller));
    }
    now.forEach((texts, column) => {
      const drawn = wheels[column];
      if (!drawn) return;
      if (drawn.texts.join("\n") !== texts.join("\n")) fill(drawn, texts);
      if (drawn.wheel.index !== chosenNow[column]) drawn.wheel.show(chosenNow[column] ?? 0);
    });
  };

  const phone = shell.pages.parentElement ?? document.body;
  const answer = openDialog<boolean>(
    phone,
    { kind: "sheet", label: title || "请选择", dismissed: false },
    (tell) => [head(title, tell), area],
  );
  show(columns, chosen);
  // Where the rows stand is known only once they are on the screen.
  wheels.forEach(({ wheel }, column) => {
    wheel.show(chosen[column] ?? 0);
  });
  return { show, answer };
}

function makeWheel(column: number, onMove: Options["onMove"]) {
  const scroller = document.createElement("div");
  scroller.className = "built-in-wheel";
  const wheel = new Wheel(scroller, {
    rows: () => [...scroller.children] as HTMLElement[],
    rowHeight: () => ROW_HEIGHT,
    onSettle: (index) => onMove(column, index),
  });
  return { wheel, texts: [] as string[] };
}

function fill(drawn: { wheel: Wheel; texts: string[] }, texts: string[]): void {
  drawn.texts = texts;
  drawn.wheel.scroller.replaceChildren(
    ...texts.map((text) => {
      const row = document.createElement("div");
      row.textContent = text;
      return row;
    }),
  );
  drawn.wheel.show(drawn.wheel.index);
}

function head(title: string, tell: (isConfirmed: boolean) => void): HTMLElement {
  const bar = document.createElement("div");
  bar.className = "built-in-picker-head";
  const text = document.createElement("span");
  text.textContent = title;
  bar.append(
    button("取消", () => tell(false)),
    text,
    button("确定", () => tell(true)),
  );
  return bar;
}

function button(text: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}
