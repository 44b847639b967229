/** The phone's home screen, while the mini program is in the background. */

import { button, element } from "./element";
import { icons } from "./icons";
import { Listeners } from "./listeners";

export class Away {
  readonly back = new Listeners();
  readonly element = element(
    "div",
    { class: "phone-away" },
    element("p", { text: "小程序在后台" }),
    button(
      { class: "phone-away-app", onClick: () => this.back.tell() },
      element("span", { class: "phone-app-icon" }, icons.app()),
      "返回小程序",
    ),
  );

  constructor() {
    this.element.hidden = true;
  }

  set(on: boolean): void {
    this.element.hidden = !on;
    if (on) this.element.querySelector("button")?.focus();
  }
}
