/**
 * How a built-in component (`<view>`, `<button>`, …) is made.
 *
 * WXML's `<button>` is drawn as `<wx-button>`. A component either shows its content where it stands (`slot`), within
 * one element of its own (`inside`), or has none and draws plain DOM itself in `mount`. Nodes that `mount` adds
 * beside a slot are to be put first: the content is appended after them.
 */

import type * as glassEasel from "glass-easel";
import { COMMON_PROPERTIES, type Property, writeAttribute } from "./attributes";
import { elementOf, fire, type Happening } from "./events";
import type { Host, Platform, Shell } from "./ports";

export type BuiltIn = {
  tag: string;
  /** Every documented attribute, else a page that uses it is warned. */
  properties?: Record<string, Property>;
  content?: "slot" | "inside" | "none";
  mount?: (self: BuiltInElement) => Reactions | undefined;
};

/** What a component does when something happens to it. */
export type Reactions = {
  /** Called with each property's first value, and whenever it changes. */
  changed?: Record<string, (value: unknown) => void>;
  /** For a form: what this component is worth. */
  field?: { value(): unknown; reset(): void };
  /** What others may ask of it, such as a button of its form: `submit`, `reset`. */
  actions?: Record<string, () => void>;
  attached?: () => void;
  detached?: () => void;
};

/** What the parts of the phone offer to components. */
export type Surroundings = { platform: Platform; host: Host; shell: Shell };

const mounted = new WeakMap<Node, BuiltInElement>();

/** The built-in component drawn as this very node. */
export const builtInAt = (node: Node | null | undefined): BuiltInElement | null =>
  (node && mounted.get(node)) ?? null;

export class BuiltInElement {
  reactions: Reactions = {};

  constructor(
    readonly tag: string,
    /** `<wx-tag>` in the DOM. */
    readonly element: HTMLElement,
    readonly component: glassEasel.GeneralComponent,
    private readonly surroundings: () => Surroundings,
  ) {}

  get platform(): Platform {
    return this.surroundings().platform;
  }

  get host(): Host {
    return this.surroundings().host;
  }

  get shell(): Shell {
    return this.surroundings().shell;
  }

  get id(): string {
    return this.component.id;
  }

  /** Where the content is, for `content: "inside"`. */
  get inside(): HTMLElement {
    return this.element.querySelector<HTMLElement>(":scope > wx-inside") ?? this.element;
  }

  get(property: string): unknown {
    return (this.component.data as Record<string, unknown>)[property];
  }

  /** Changes a property from within: `model:property` of the page follows. */
  set(property: string, value: unknown): void {
    this.component.setData({ [property]: value });
  }

  fire(name: string, detail: unknown = {}, how: Omit<Happening, "detail"> = {}): void {
    fire(this.component, name, { detail, ...how });
  }

  onTap(listener: (at: { x: number; y: number }) => void): void {
    this.component.addListener("tap", (event) =>
      listener(event.detail as { x: number; y: number }),
    );
  }

  act(action: string): void {
    this.reactions.actions?.[action]?.();
  }

  /** The component with this id in the same template. */
  sibling(id: string): BuiltInElement | null {
    const found = this.component.ownerShadowRoot?.getElementById(id);
    return builtInAt(found?.getBackendElement() as unknown as Node | undefined);
  }

  /** The page or component whose template holds this one. */
  get owner(): glassEasel.GeneralComponent | null {
    return this.component.ownerShadowRoot?.getHostNode() ?? null;
  }

  /** A path as written in the template (relative to it, or from the root) to what `<img>` may show. */
  image(path: string): string {
    if (!path || /^[a-z]+:/i.test(path)) return this.platform.resolveImage(path);
    const from = `file:///${this.owner?.is ?? ""}`;
    return this.platform.resolveImage(new URL(path, from).pathname);
  }
}

type ProcGen = ReturnType<glassEasel.template.ComponentTemplate["content"]>;

/** Templates by hand, as the compiler would write them. */
const CONTENT: Record<"inside" | "none", ProcGen> = {
  none: () => ({ C: () => undefined, B: {} }),
  inside: () => ({
    C: (_creating, _text, element) =>
      element(
        "inside",
        {},
        () => undefined,
        (_c, _t, _e, _if, _for, slot) => slot(""),
      ),
    B: {},
  }),
};

const templateOf = ({
  content = "slot",
}: BuiltIn): glassEasel.template.ComponentTemplate | undefined =>
  content === "slot" ? undefined : { content: () => CONTENT[content] };

/** Makes a component; the answer is to be made known to templates under its tag. */
export function defineBuiltIn(
  space: glassEasel.ComponentSpace,
  definition: BuiltIn,
  surroundings: () => Surroundings,
): glassEasel.GeneralComponentDefinition {
  const properties = { ...COMMON_PROPERTIES, ...definition.properties };
  const template = templateOf(definition);
  const component = space.defineComponent({
    is: `wx://${definition.tag}`,
    options: { virtualHost: false },
    ...(template && { template }),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, { type, value }]) => [
        name,
        {
          type,
          ...(value !== undefined && { value }),
          observer(this: unknown) {
            show(elementOf(this) as glassEasel.GeneralComponent, name, properties[name]);
          },
        },
      ]),
    ),
    lifetimes: {
      created(this: unknown) {
        const inner = elementOf(this) as glassEasel.GeneralComponent;
        const element = inner.getBackendElement() as unknown as HTMLElement | null;
        // What is set on a page that was left meanwhile is drawn nowhere.
        if (!element) return;
        const self = new BuiltInElement(definition.tag, element, inner, surroundings);
        mounted.set(element, self);
        self.reactions = definition.mount?.(self) ?? {};
        for (const name of Object.keys(properties)) show(inner, name, properties[name]);
      },
      attached(this: unknown) {
        reactionsOf(this).attached?.();
      },
      detached(this: unknown) {
        reactionsOf(this).detached?.();
      },
    },
  });
  return component.general();
}

const reactionsOf = (caller: unknown): Reactions =>
  builtInAt(elementOf(caller)?.getBackendElement() as unknown as Node | null)?.reactions ?? {};

/** Brings a property's value to the screen. */
function show(component: glassEasel.GeneralComponent, name: string, property?: Property): void {
  const value = (component.data as Record<string, unknown>)[name];
  const node = component.getBackendElement() as unknown as HTMLElement | null;
  if (node && property?.attribute) writeAttribute(node, property.attribute, value);
  builtInAt(node)?.reactions.changed?.[name]?.(value);
}
