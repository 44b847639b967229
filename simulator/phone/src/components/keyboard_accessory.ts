import type { BuiltIn } from "../host/built_in";

/** A bar above the keyboard of a phone; there is no keyboard here, and so no bar. */
export const keyboardAccessory: BuiltIn = { tag: "keyboard-accessory" };
