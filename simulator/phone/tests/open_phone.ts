/// <reference path="./node.d.ts" />

/**
 * Opens a mini program on the phone, in jsdom: the real compiler, host, components, shell and `wx`; only the network
 * is the test's own (`fetch`).
 *
 *   const phone = await openPhone("miniprogram", { fetch: server });
 *   await phone.tap("#login");
 *   expect(phone.text()).toContain("欢迎");
 */

import { runInThisContext } from "node:vm";
import type { CompiledApp } from "../src/host/compiled";
import type { Fact, FactBody, PageInstance, PhoneConfig } from "../src/host/ports";
import { createPhone, type Phone } from "../src/phone";
import { compileApp } from "./compile_app";

export type PhoneOptions = {
  /** Answers both the mini program's requests and those to the simulator (`/sim/…`). */
  fetch?: typeof globalThis.fetch;
  user?: string;
  device?: string;
  dark?: boolean;
  config?: Partial<PhoneConfig>;
  /** The first page, with its query; else that of app.json. */
  path?: string;
};

// Timers of a test may be fake ones; waiting for the page to settle must not need them.
const realTimeout = globalThis.setTimeout;
const EMPTY_PICTURE = new Blob(["picture"], { type: "image/png" });

export async function openPhone(folder: string, options: PhoneOptions = {}): Promise<OpenedPhone> {
  const { script } = compileApp(folder);
  const facts: Fact[] = [];
  const device = options.device ?? "phone-1";
  const tell = (body: FactBody): void => {
    facts.push({ source: "wechat-simulator-phone", phone: device, at: Date.now(), ...body });
  };
  const fetchBefore = window.fetch;
  window.fetch = options.fetch ?? (() => Promise.reject(new TypeError("no network in this test")));
  let restarts = 0;
  const phone = createPhone({
    config: {
      app_id: "wx0123456789abcdef",
      env_version: "develop",
      sim: "/sim",
      forward: { "http://127.0.0.1:8000": "" },
      label: "模拟 Simulated",
      ...options.config,
    },
    holder: { user: options.user ?? "ann", device, dark: options.dark ?? false },
    tell,
    window,
    restart: () => {
      restarts += 1;
    },
    paint: () => Promise.resolve(EMPTY_PICTURE),
  });
  const started = new Promise<CompiledApp>((resolve) => {
    Object.assign(globalThis, { wechatSimulatorApp: resolve });
  });
  runInThisContext(script);
  phone.start(await started, options.path);
  const opened = new OpenedPhone(
    phone,
    facts,
    () => restarts,
    () => {
      window.fetch = fetchBefore;
    },
  );
  await opened.settle();
  return opened;
}

export class OpenedPhone {
  constructor(
    readonly phone: Phone,
    readonly facts: Fact[],
    private readonly countRestarts: () => number,
    private readonly undo: () => void,
  ) {}

  get wx(): Phone["wx"] {
    return this.phone.wx;
  }

  /** How often a cold start was asked for. */
  get restarts(): number {
    return this.countRestarts();
  }

  /** Errors of the mini program's code. */
  get errors(): string[] {
    return this.facts.flatMap((fact) => (fact.kind === "error" ? [fact.text] : []));
  }

  /** The page in front. */
  page(): PageInstance {
    const page = this.phone.host.getCurrentPages().at(-1);
    if (!page) throw new Error("no page is open");
    return page;
  }

  get path(): string {
    return this.page().route;
  }

  /**
   * The first visible element a selector finds: on the page in front, else on the phone around it. Tags are those of
   * the mini program (`button`), `text=登录` finds by what stands in the element, and classes within a component are
   * found by their ending.
   */
  find(target: string): HTMLElement {
    const found = this.findAll(target)[0];
    if (!found) throw new Error(`nothing on the phone is ${target}; it shows: ${this.text()}`);
    return found;
  }

  findAll(target: string): HTMLElement[] {
    const page = this.phone.host.pageElement();
    const shell = document.querySelector<HTMLElement>(".phone") ?? document.body;
    for (const area of [page, shell]) {
      const found = target.startsWith("text=")
        ? byText(area, target.slice("text=".length))
        : bySelector(area, target);
      const visible = found.filter(isVisible);
      if (visible.length > 0) return visible;
    }
    return [];
  }

  has(target: string): boolean {
    return this.findAll(target).length > 0;
  }

  async tap(target: string): Promise<void> {
    const element = this.find(target);
    // What the shell draws are buttons of the browser; what the page draws hears fingers.
    for (const name of ["mousedown", "mouseup", "click"]) {
      element.dispatchEvent(new MouseEvent(name, { bubbles: true, cancelable: true, detail: 1 }));
    }
    await this.settle();
  }

  /** Types into an input, as if all of it were written anew. */
  async type(target: string, text: string): Promise<void> {
    const element = this.find(target);
    const field = element.matches("input, textarea")
      ? element
      : element.querySelector("input, textarea");
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) {
      throw new Error(`${target} is no input`);
    }
    field.focus();
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.blur();
    await this.settle();
  }

  /** What can be read: of the page in front, or of what a selector finds. */
  text(target?: string): string {
    const element = target ? this.find(target) : this.phone.host.pageElement();
    return textOf(element).replace(/\s+/g, " ").trim();
  }

  /** What can be read on the whole phone: bars, sheets and toasts too. */
  screen(): string {
    return textOf(document.body).replace(/\s+/g, " ").trim();
  }

  async back(): Promise<void> {
    await this.phone.host.navigateBack();
    await this.settle();
  }

  /** Waits until nothing is under way that needs no timer of the test. */
  async settle(): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      await new Promise((resolve) => realTimeout(resolve, 0));
    }
  }

  close(): void {
    this.phone.host.stop();
    document.body.replaceChildren();
    this.undo();
  }
}

const isVisible = (element: HTMLElement): boolean => element.closest("[hidden]") === null;

/** `button.primary` to `wx-button:is(.primary, [class*="--primary"])`: what the compiler made of them. */
function bySelector(area: HTMLElement, selector: string): HTMLElement[] {
  const own = [...area.querySelectorAll<HTMLElement>(selector)];
  if (own.length > 0) return own;
  const drawn = selector
    .replace(/(^|[\s>+~,])([a-z][\w-]*)/g, "$1wx-$2")
    .replace(/\.([\w-]+)/g, ':is(.$1, [class$="--$1"], [class*="--$1 "])');
  return [...area.querySelectorAll<HTMLElement>(drawn)];
}

/** The innermost elements in which a text stands. */
function byText(area: HTMLElement, text: string): HTMLElement[] {
  const holding = [...area.querySelectorAll<HTMLElement>("*")].filter((each) =>
    textOf(each).includes(text),
  );
  return holding.filter((each) => !holding.some((other) => other !== each && each.contains(other)));
}

function textOf(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? "";
  if (node instanceof HTMLElement && node.hidden) return "";
  const separator = node instanceof HTMLElement ? " " : "";
  return [...node.childNodes].map(textOf).join("") + (isBlock(node) ? separator : "");
}

const isBlock = (node: Node): boolean =>
  node instanceof HTMLElement && node.tagName !== "WX-TEXT" && node.tagName !== "SPAN";
