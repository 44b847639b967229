/** Status bar, navigation bar with the capsule, and tab bar. */

import type { NavigationBar, TabBar } from "../host/ports";
import { button, element } from "./element";
import { icons } from "./icons";
import { Listeners } from "./listeners";

const CLOCK_EVERY = 10_000;

export function statusBar(label: string): HTMLElement {
  const time = element("span", { class: "phone-time" });
  const show = () => {
    const now = new Date();
    const two = (value: number) => String(value).padStart(2, "0");
    time.textContent = `${two(now.getHours())}:${two(now.getMinutes())}`;
  };
  show();
  setInterval(show, CLOCK_EVERY);
  return element(
    "div",
    { class: "phone-status" },
    time,
    element("span", { class: "phone-label", text: label }),
    element("span", { class: "phone-signals" }, icons.signal(), icons.battery()),
  );
}

export class NavigationBarView {
  readonly back = new Listeners();
  readonly menu = new Listeners();
  readonly leave = new Listeners();
  readonly element: HTMLElement;
  isCustom = false;
  private readonly title = element("h1", { class: "phone-title" });
  private readonly spinner = icons.loading();
  private readonly backButton = button(
    { class: "phone-back", label: "返回", onClick: () => this.back.tell() },
    icons.back(),
  );

  constructor(private readonly phone: HTMLElement) {
    this.spinner.setAttribute("hidden", "");
    this.backButton.hidden = true;
    this.element = element(
      "div",
      { class: "phone-navigation" },
      this.backButton,
      element("div", { class: "phone-heading" }, this.spinner, this.title),
      this.capsule(),
    );
  }

  setTitle(title: string): void {
    this.title.textContent = title;
    document.title = title;
  }

  setStyle({ style, color, background }: NavigationBar): void {
    this.isCustom = style === "custom";
    this.phone.dataset.navigation = style;
    this.phone.dataset.front = color === "#ffffff" ? "white" : "black";
    this.phone.style.setProperty("--bar-background", background);
  }

  setLoading(on: boolean): void {
    this.spinner.toggleAttribute("hidden", !on);
  }

  setBackVisible(visible: boolean): void {
    this.backButton.hidden = !visible;
  }

  private capsule(): HTMLElement {
    return element(
      "div",
      { class: "phone-capsule" },
      button({ label: "更多", onClick: () => this.menu.tell() }, icons.dots()),
      button({ label: "离开小程序", onClick: () => this.leave.tell() }, icons.circle()),
    );
  }
}

export class TabBarView {
  readonly tap = new Listeners<number>();
  readonly element = element("nav", {
    class: "phone-tabs",
    attributes: { "aria-label": "标签栏" },
  });

  constructor(private readonly phone: HTMLElement) {
    this.show(null, -1);
  }

  get isShown(): boolean {
    return !this.element.hidden;
  }

  show(bar: TabBar | null, selected: number): void {
    this.element.hidden = bar === null;
    this.phone.dataset.tabs = bar === null ? "no" : "yes";
    this.element.replaceChildren();
    if (bar === null) return;
    this.element.dataset.border = bar.borderStyle;
    this.element.style.setProperty("--tabs-background", bar.backgroundColor);
    bar.list.forEach((tab, index) => {
      const isSelected = index === selected;
      const address = isSelected ? (tab.selectedIconUrl ?? tab.iconUrl) : tab.iconUrl;
      const picture = address && element("img", { attributes: { src: address, alt: "" } });
      const made = button({ onClick: () => this.tap.tell(index) }, picture, tab.text);
      made.style.color = isSelected ? bar.selectedColor : bar.color;
      if (isSelected) made.setAttribute("aria-current", "page");
      this.element.append(made);
    });
  }
}
