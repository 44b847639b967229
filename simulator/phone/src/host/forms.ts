/** Which fields are in which form: those of the same template, and components made fields by a behavior. */

import * as glassEasel from "glass-easel";
import { type BuiltInElement, builtInAt } from "./built_in";
import { elementAt } from "./events";

/** A custom component takes part in forms by naming these behaviors. */
type FormRole = "wx://form-field" | "wx://form-field-group" | "wx://form-field-button";
type HasRole = (component: glassEasel.GeneralComponent, role: FormRole) => boolean;

let hasRole: HasRole = () => false;

/** Told once by the host, which knows the mini program's code space. */
export function useFormRoles(roles: HasRole): void {
  hasRole = roles;
}

export type Field = { name: string; value(): unknown; reset(): void };

/** The form a button belongs to. */
export function closestForm(self: BuiltInElement): BuiltInElement | null {
  const form = builtInAt(self.element.closest("wx-form"));
  return form && reaches(self.component, form, "wx://form-field-button") ? form : null;
}

export function fieldsOf(form: BuiltInElement): Field[] {
  const fields: Field[] = [];
  for (const node of form.element.querySelectorAll("*")) {
    const component = elementAt(node);
    if (component?.getBackendElement() !== (node as unknown)) continue;
    if (!glassEasel.Component.isComponent(component)) continue;
    const data = component.data as Record<string, unknown>;
    const field = builtInAt(node)?.reactions.field ?? customField(component);
    if (!field || !data.name || !reaches(component, form, "wx://form-field-group")) continue;
    fields.push({ name: String(data.name), ...field });
  }
  return fields;
}

function customField(component: glassEasel.GeneralComponent): Omit<Field, "name"> | null {
  if (!hasRole(component, "wx://form-field")) return null;
  const data = component.data as Record<string, unknown>;
  return { value: () => data.value, reset: () => component.setData({ value: "" }) };
}

/** Components in between hide what is within them, unless their behavior opens them. */
function reaches(
  inner: glassEasel.GeneralComponent,
  form: BuiltInElement,
  role: FormRole,
): boolean {
  for (let owner = ownerOf(inner); owner !== form.owner; owner = ownerOf(owner)) {
    if (!owner || !hasRole(owner, role)) return false;
  }
  return true;
}

const ownerOf = (component: glassEasel.GeneralComponent): glassEasel.GeneralComponent | null =>
  component.ownerShadowRoot?.getHostNode() ?? null;
