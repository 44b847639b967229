/** Properties of built-in components, and those every one of them has. */

export type PropertyType =
  | StringConstructor
  | NumberConstructor
  | BooleanConstructor
  | ArrayConstructor
  | ObjectConstructor
  | null;

export type Property = {
  type: PropertyType;
  value?: unknown;
  /** Also written to the element as this attribute: style sheets and assistive technology read it there. */
  attribute?: string;
};

const aria = (attribute: string): Property => ({ type: String, value: "", attribute });

export const COMMON_PROPERTIES: Record<string, Property> = {
  hidden: { type: Boolean, value: false, attribute: "hidden" },
  ariaRole: aria("role"),
  ariaLabel: aria("aria-label"),
  ariaHidden: aria("aria-hidden"),
  ariaDisabled: aria("aria-disabled"),
  ariaLive: aria("aria-live"),
  ariaAtomic: aria("aria-atomic"),
  ariaBusy: aria("aria-busy"),
  ariaChecked: aria("aria-checked"),
  ariaSelected: aria("aria-selected"),
  ariaExpanded: aria("aria-expanded"),
  ariaModal: aria("aria-modal"),
  ariaRequired: aria("aria-required"),
  ariaInvalid: aria("aria-invalid"),
  ariaValuenow: aria("aria-valuenow"),
  ariaValuemin: aria("aria-valuemin"),
  ariaValuemax: aria("aria-valuemax"),
  ariaValuetext: aria("aria-valuetext"),
  ariaLevel: aria("aria-level"),
  ariaHaspopup: aria("aria-haspopup"),
  ariaControls: aria("aria-controls"),
  ariaDescribedby: aria("aria-describedby"),
  ariaLabelledby: aria("aria-labelledby"),
};

/** What can be pressed shows it by a class while it is. */
export const hoverProperties = (
  name = "none",
  start = 50,
  stay = 400,
): Record<string, Property> => ({
  hoverClass: { type: String, value: name },
  hoverStopPropagation: { type: Boolean, value: false },
  hoverStartTime: { type: Number, value: start },
  hoverStayTime: { type: Number, value: stay },
});

export function writeAttribute(node: HTMLElement, name: string, value: unknown): void {
  if (value === false || value === "" || value === null || value === undefined) {
    node.removeAttribute(name);
  } else {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}
