import { type BuiltIn, type BuiltInElement, builtInAt } from "../host/built_in";
import { string } from "./properties";
import { isTaken } from "./taps";

export const label: BuiltIn = {
  tag: "label",
  properties: { for: string() },
  mount(self) {
    self.onTap((tap) => {
      if (!isTaken(tap)) controlOf(self)?.act("press");
    });
    return undefined;
  },
};

/** The one named by `for`, else the first one within. */
function controlOf(self: BuiltInElement): BuiltInElement | null {
  const named = String(self.get("for"));
  const control = named
    ? self.sibling(named)
    : [...self.element.querySelectorAll("*")]
        .map((node) => builtInAt(node))
        .find((inner) => inner?.reactions.actions?.press);
  return control && !control.get("disabled") ? control : null;
}
