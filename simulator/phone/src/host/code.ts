/** The mini program's code: its templates and scripts in a code space of glass-easel, and `Page`, `Component`, … */

import * as glassEasel from "glass-easel";
import {
  type AssociatedBackend,
  type CodeSpace,
  MiniProgramEnv,
} from "glass-easel-miniprogram-adapter";
import { PhoneBackend } from "./backend";
import { type BuiltIn, defineBuiltIn, type Surroundings } from "./built_in";
import type { CompiledApp } from "./compiled";
import { describeTargetsPlainly, elementOf } from "./events";
import { tellMissingMethods } from "./missing_methods";
import { adaptBehavior } from "./native_behaviors";

type Definition = Record<string, unknown> & {
  behaviors?: unknown[];
  options?: { styleIsolation?: string; addGlobalClass?: boolean };
};

export type Code = {
  space: CodeSpace;
  backend: AssociatedBackend;
  /** Runs all scripts; `App` is called by the first. */
  run(): void;
};

export type CodeOptions = {
  app: CompiledApp;
  builtIns: BuiltIn[];
  surroundings: () => Surroundings;
  globals: Record<string, unknown>;
  reportError(error: unknown): void;
};

export function createCode({
  app,
  builtIns,
  surroundings,
  globals,
  reportError,
}: CodeOptions): Code {
  // A property named like a field of an element (`dataset`) would throw otherwise.
  glassEasel.globalOptions.writeFieldsToNode = false;
  glassEasel.globalOptions.writeIdToDOM = true;
  describeTargetsPlainly();
  tellMissingMethods();

  const env = new MiniProgramEnv();
  const platformSpace = env.getGlobalCodeSpace().getComponentSpace();
  const space = env.createCodeSpace("main", true);
  for (const definition of builtIns) {
    const component = defineBuiltIn(platformSpace, definition, surroundings);
    space.getComponentSpace().setGlobalUsingComponent(definition.tag, component);
  }
  keepIdsPlain(space);
  space.setOverallBehavior(readiness(space));
  for (const [path, unit] of Object.entries(app.units)) {
    space.addStyleSheet(path, undefined, unit.scope);
    space.addComponentStaticConfig(path, {
      component: !unit.page,
      usingComponents: unit.using,
      addGlobalClass: unit.shared,
    });
    const content = app.templates[path];
    if (content) space.addCompiledTemplate(path, { groupList: app.templates, content });
  }

  const runScript = (path: string): void => {
    try {
      runIn(space, path, globals, app.scripts[path]);
    } catch (error) {
      reportError(error);
    }
  };
  return {
    space,
    backend: env.associateBackend(new PhoneBackend()),
    run() {
      runScript("app");
      for (const path of Object.keys(app.units)) runScript(path);
      for (const path of Object.keys(app.units)) {
        if (space.getComponentSpace().getComponentByUrlWithoutDefault(path, "")) continue;
        reportError(
          new Error(`"${path}" has not been registered yet: Page() / Component() 没有被调用`),
        );
      }
    },
  };
}

/** glass-easel leaves `ready` to its host: it is once a component's first picture is on the screen. */
function readiness(space: CodeSpace): glassEasel.GeneralBehavior {
  const ready = new WeakSet<object>();
  const behavior = space.getComponentSpace().defineBehavior({
    lifetimes: {
      attached(this: unknown) {
        const component = elementOf(this)?.asGeneralComponent();
        if (!component || ready.has(component)) return;
        ready.add(component);
        queueMicrotask(() => component.triggerLifetime("ready", []));
      },
    },
  });
  return behavior.general();
}

/** The adapter's own step before a component is registered; its typings leave it out. */
type Preparing = {
  prepareComponentOptions(
    is: string,
    options: unknown,
  ): [options: glassEasel.ComponentOptions, isolation: string];
};

/** The adapter gives every instance its own prefix of ids; plain ones can be selected by `#id` and `aria-*`. */
function keepIdsPlain(space: CodeSpace): void {
  const preparing = space as unknown as Preparing;
  const prepare = preparing.prepareComponentOptions.bind(space);
  preparing.prepareComponentOptions = (is, options) => {
    const [prepared, isolation] = prepare(is, options);
    return [{ ...prepared, idPrefixGenerator: null, useMethodCallerListeners: true }, isolation];
  };
}

/** Runs a script with the constructors of its own path as globals. */
function runIn(
  space: CodeSpace,
  path: string,
  globals: Record<string, unknown>,
  script?: () => unknown,
): void {
  space.componentEnv(path, ({ Page, Component, Behavior }) => {
    const adapt = (definition: Definition = {}): Definition => {
      const { behaviors, options } = definition;
      if (options?.addGlobalClass || options?.styleIsolation?.includes("shared")) {
        space.addComponentStaticConfig(path, {
          ...space.getComponentStaticConfig(path),
          addGlobalClass: true,
        });
      }
      if (!behaviors) return definition;
      return { ...definition, behaviors: behaviors.flatMap((each) => adaptBehavior(space, each)) };
    };
    Object.assign(globalThis, globals, {
      Page: (definition?: Definition) => Page(adapt(definition) as never),
      Component: (definition?: Definition) => Component(adapt(definition) as never),
      Behavior: Object.assign((definition?: Definition) => Behavior(adapt(definition) as never), {
        trait: Behavior.trait,
      }),
    });
    script?.();
  });
}
