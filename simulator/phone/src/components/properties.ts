/** Attributes of built-in components, in short. */

import type { Property } from "../host/attributes";

type Mirrored = { attribute?: string };

export const string = (value = "", mirrored: Mirrored = {}): Property => ({
  type: String,
  value,
  ...mirrored,
});

export const number = (value = 0): Property => ({ type: Number, value });

/** `mirrored`: style sheets and assistive technology read it from the element. */
export const flag = (value = false, mirrored: Mirrored = {}): Property => ({
  type: Boolean,
  value,
  ...mirrored,
});

export const list = (): Property => ({ type: Array, value: [] });

/** Whatever the page gives: for attributes whose type depends on another one. */
export const anything = (value: unknown = null): Property => ({ type: null, value });

export const disabled = (): Property => flag(false, { attribute: "disabled" });

export const role = (name: string): Record<string, Property> => ({
  ariaRole: string(name, { attribute: "role" }),
});
