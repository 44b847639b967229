/** `wx.createSelectorQuery()` and `this.createSelectorQuery()`: where elements are, and what they are. */

import * as glassEasel from "glass-easel";
import { component as adapter } from "glass-easel-miniprogram-adapter";
import { elementOf } from "./events";

export type Fields = {
  id?: boolean;
  dataset?: boolean;
  mark?: boolean;
  rect?: boolean;
  size?: boolean;
  scrollOffset?: boolean;
  properties?: string[];
  computedStyle?: string[];
  context?: boolean;
  node?: boolean;
};

type Result = Record<string, unknown>;
type Callback = (result: Result | (Result | null)[] | null) => void;
type Request = {
  selector: string | null;
  all: boolean;
  fields: Fields;
  callback?: Callback;
  within: unknown;
};

const WHERE: Fields = { id: true, dataset: true, rect: true, size: true };
const SCROLL: Fields = { id: true, dataset: true, scrollOffset: true };

export class SelectorQuery {
  private requests: Request[] = [];

  constructor(
    private within: unknown,
    private readonly scroller: () => HTMLElement,
  ) {}

  in(component: unknown): this {
    this.within = component;
    return this;
  }

  select(selector: string): NodesRef {
    return this.refer(selector, false);
  }

  selectAll(selector: string): NodesRef {
    return this.refer(selector, true);
  }

  selectViewport(): NodesRef {
    return this.refer(null, false);
  }

  /** Answers later, as WeChat does, with what is true then. */
  exec(callback?: (results: unknown[]) => void): this {
    const requests = this.requests;
    this.requests = [];
    setTimeout(() => {
      const results = requests.map((request) => {
        const result = this.answer(request);
        request.callback?.(result);
        return result;
      });
      callback?.(results);
    });
    return this;
  }

  private refer(selector: string | null, all: boolean): NodesRef {
    return new NodesRef((fields, callback) => {
      this.requests.push({
        selector,
        all,
        fields,
        ...(callback && { callback }),
        within: this.within,
      });
      return this;
    });
  }

  private answer({ selector, all, fields, within }: Request): Result | Result[] | null {
    if (selector === null) return describeViewport(this.scroller(), fields);
    const element = elementOf(within);
    const root = glassEasel.Component.isComponent(element) ? element.getShadowRoot() : null;
    const origin = this.scroller().getBoundingClientRect();
    if (all)
      return (root?.querySelectorAll(selector) ?? []).map((each) => describe(each, fields, origin));
    const found = root?.querySelector(selector);
    return found ? describe(found, fields, origin) : null;
  }
}

class NodesRef {
  constructor(private readonly push: (fields: Fields, callback?: Callback) => SelectorQuery) {}

  boundingClientRect(callback?: Callback): SelectorQuery {
    return this.push(WHERE, callback);
  }

  scrollOffset(callback?: Callback): SelectorQuery {
    return this.push(SCROLL, callback);
  }

  fields(fields: Fields, callback?: Callback): SelectorQuery {
    return this.push(fields, callback);
  }

  context(callback?: Callback): SelectorQuery {
    return this.push({ context: true }, callback);
  }

  node(callback?: Callback): SelectorQuery {
    return this.push({ node: true }, callback);
  }
}

function describe(element: glassEasel.Element, fields: Fields, origin: DOMRect): Result {
  const node = element.getBackendElement() as unknown as HTMLElement | null;
  const data = glassEasel.Component.isComponent(element) ? (element.data as Result) : {};
  const style = node && fields.computedStyle ? getComputedStyle(node) : null;
  return {
    ...(fields.id && { id: element.id }),
    ...(fields.dataset && { dataset: { ...element.dataset } }),
    ...(fields.mark && { mark: element.collectMarks() }),
    ...(node && describeBox(node, fields, origin)),
    ...Object.fromEntries((fields.properties ?? []).map((name) => [name, data[name]])),
    ...Object.fromEntries(
      (fields.computedStyle ?? []).map((name) => [
        name,
        style?.getPropertyValue(dashed(name)) ?? "",
      ]),
    ),
  };
}

function describeBox(node: HTMLElement, fields: Fields, origin: DOMRect): Result {
  const box = node.getBoundingClientRect();
  return {
    ...(fields.rect && {
      left: box.left - origin.left,
      top: box.top - origin.top,
      right: box.right - origin.left,
      bottom: box.bottom - origin.top,
    }),
    ...(fields.size && { width: box.width, height: box.height }),
    ...(fields.scrollOffset && describeScroll(node)),
  };
}

function describeViewport(scroller: HTMLElement, fields: Fields): Result {
  const { clientWidth: width, clientHeight: height } = scroller;
  return {
    ...(fields.id && { id: "" }),
    ...(fields.dataset && { dataset: {} }),
    ...(fields.rect && { left: 0, top: 0, right: width, bottom: height }),
    ...(fields.size && { width, height }),
    ...(fields.scrollOffset && describeScroll(scroller)),
  };
}

const describeScroll = ({
  scrollLeft,
  scrollTop,
  scrollWidth,
  scrollHeight,
}: HTMLElement): Result => ({
  scrollLeft,
  scrollTop,
  scrollWidth,
  scrollHeight,
});

const dashed = (name: string): string => name.replace(/[A-Z]/g, (each) => `-${each.toLowerCase()}`);

/** The adapter's own measures from the browser's window; a page's origin is its frame. */
export function installSelectorQuery(scroller: () => HTMLElement): void {
  Object.assign(adapter.ComponentCaller.prototype, {
    createSelectorQuery(this: unknown): SelectorQuery {
      return new SelectorQuery(this, scroller);
    },
  });
}
