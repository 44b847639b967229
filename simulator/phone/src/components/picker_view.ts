import { type BuiltIn, type BuiltInElement, builtInAt } from "../host/built_in";
import { flag, list, string } from "./properties";
import { type StyledNode, styledNode } from "./styled_node";
import { Wheel } from "./wheel";

/** The height of a row where `indicator-style` gives none. */
const ROW_HEIGHT = 34;

export const pickerView: BuiltIn = {
  tag: "picker-view",
  properties: {
    name: string(),
    value: list(),
    indicatorStyle: string(),
    indicatorClass: string(),
    maskStyle: string(),
    maskClass: string(),
    immediateChange: flag(),
  },
  mount(self) {
    const columns = (): BuiltInElement[] =>
      [...self.element.querySelectorAll("wx-picker-view-column")].flatMap(
        (node) => builtInAt(node) ?? [],
      );
    // Columns are created after this, and come and go.
    const dress = (): void => {
      for (const column of columns()) column.act("dress");
    };
    return {
      changed: {
        value: dress,
        indicatorStyle: dress,
        indicatorClass: dress,
        maskStyle: dress,
        maskClass: dress,
      },
      actions: {
        moved() {
          const value = columns().map((column) => Number(column.reactions.field?.value() ?? 0));
          self.set("value", value);
          self.fire("change", { value });
          self.fire("pickend");
        },
        started: () => self.fire("pickstart"),
      },
      field: { value: () => self.get("value"), reset: () => self.set("value", []) },
    };
  },
};

export const pickerViewColumn: BuiltIn = {
  tag: "picker-view-column",
  content: "inside",
  mount(self) {
    const mask = styledNode(self, "picker-mask");
    const indicator = styledNode(self, "picker-indicator");
    self.element.prepend(mask.element, indicator.element);
    const view = (): BuiltInElement | null => builtInAt(self.element.closest("wx-picker-view"));
    let rowHeight = ROW_HEIGHT;
    let wheel: Wheel | null = null;
    let watcher: MutationObserver | null = null;

    const dress = (): void => {
      const parent = view();
      if (!parent || !wheel) return;
      mask.setClass(String(parent.get("maskClass")));
      mask.setStyle(String(parent.get("maskStyle")));
      rowHeight = dressIndicator(indicator, parent);
      self.inside.style.setProperty("--row", `${rowHeight}px`);
      const value = parent.get("value");
      const at = [...parent.element.querySelectorAll("wx-picker-view-column")].indexOf(
        self.element,
      );
      wheel.show(Number(Array.isArray(value) ? value[at] : 0) || 0);
    };
    return {
      attached() {
        wheel = new Wheel(self.inside, {
          rows: () => [...self.inside.children] as HTMLElement[],
          rowHeight: () => rowHeight,
          onStart: () => view()?.act("started"),
          onSettle: () => view()?.act("moved"),
        });
        watcher = new MutationObserver(dress);
        watcher.observe(self.inside, { childList: true });
        queueMicrotask(dress);
      },
      detached: () => watcher?.disconnect(),
      actions: { dress },
      field: { value: () => wheel?.index ?? 0, reset() {} },
    };
  },
};

function dressIndicator(indicator: StyledNode, view: BuiltInElement): number {
  indicator.setClass(String(view.get("indicatorClass")));
  indicator.setStyle(String(view.get("indicatorStyle")));
  const { element } = indicator;
  return element.offsetHeight || Number.parseFloat(element.style.height) || ROW_HEIGHT;
}
