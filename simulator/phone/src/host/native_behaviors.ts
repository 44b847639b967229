/** Behaviors that WeChat knows by name: `wx://form-field` and its like. */

import type * as glassEasel from "glass-easel";
import type { behavior, CodeSpace } from "glass-easel-miniprogram-adapter";

type Behavior = behavior.GeneralBehavior;

const known = new WeakMap<CodeSpace, Map<string, Behavior>>();

function behaviorsOf(space: CodeSpace): Map<string, Behavior> {
  const found = known.get(space);
  if (found) return found;
  const define = (properties: Record<string, unknown>): Behavior =>
    space
      .behavior()
      .definition({ properties } as never)
      .register() as unknown as Behavior;
  const made = new Map([
    ["wx://form-field", define({ name: String, value: null })],
    ["wx://form-field-group", define({})],
    ["wx://form-field-button", define({})],
  ]);
  known.set(space, made);
  return made;
}

/** Of an entry of `behaviors`, what the adapter understands; nothing where it needs no behavior for the name. */
export function adaptBehavior(space: CodeSpace, entry: unknown): unknown[] {
  if (typeof entry !== "string") return [entry];
  if (entry === "wx://component-export") return [];
  const found = behaviorsOf(space).get(entry);
  if (!found) throw new Error(`模拟手机没有 ${entry} (this phone does not have ${entry})`);
  return [found];
}

export function hasNativeBehavior(
  component: glassEasel.GeneralComponent,
  space: CodeSpace,
  name: string,
): boolean {
  const wanted = behaviorsOf(space).get(name) as unknown as { _$: glassEasel.GeneralBehavior };
  return component.hasBehavior(wanted._$);
}
