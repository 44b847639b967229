import type { BuiltIn } from "../host/built_in";
import { flag, string } from "./properties";
import { mountTextField, TEXT_FIELD } from "./text_field";

export const textarea: BuiltIn = {
  tag: "textarea",
  content: "none",
  properties: {
    ...TEXT_FIELD,
    confirmType: string("return"),
    autoHeight: flag(false, { attribute: "auto-height" }),
    fixed: flag(),
    showConfirmBar: flag(true),
    disableDefaultPadding: flag(),
  },
  mount(self) {
    const native = document.createElement("textarea");
    native.rows = 1;
    const { write: _, changed, ...reactions } = mountTextField(self, native);
    let lineCount = 0;
    const measure = (): void => {
      if (!self.element.isConnected) return;
      const lines = linesOf(native);
      if (self.get("autoHeight")) {
        native.style.height = "auto";
        native.style.height = `${native.scrollHeight}px`;
      }
      if (lines.lineCount === lineCount) return;
      lineCount = lines.lineCount;
      self.fire("linechange", lines);
    };
    native.addEventListener("input", measure);
    return {
      ...reactions,
      changed: {
        ...changed,
        value: (value) => {
          changed?.value?.(value);
          measure();
        },
        autoHeight: measure,
      },
      attached: () => {
        reactions.attached?.();
        measure();
      },
    };
  },
};

function linesOf(field: HTMLTextAreaElement): {
  height: number;
  lineHeight: number;
  lineCount: number;
} {
  const lineHeight = Number.parseFloat(getComputedStyle(field).lineHeight) || 1;
  const height = field.scrollHeight;
  return { height, lineHeight, lineCount: Math.max(1, Math.round(height / lineHeight)) };
}
