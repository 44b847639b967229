/** The banner of an arriving message: slides down, and goes again. */

import { button, element } from "./element";
import { icons } from "./icons";

const STAYS = 30_000;

export class Banner {
  readonly element = element("div", {
    class: "phone-banners",
    attributes: { role: "alert" },
  });
  private timer: ReturnType<typeof setTimeout> | undefined;

  readonly show = ({
    title,
    text,
    onTap,
  }: {
    title: string;
    text: string;
    onTap?: () => void;
  }): void => {
    clearTimeout(this.timer);
    const banner = button(
      { class: "phone-banner" },
      icons.message(),
      element("span", {}, element("strong", { text: title }), element("span", { text })),
    );
    // The field one types in keeps the focus: that is where the code goes.
    banner.addEventListener("pointerdown", (event) => event.preventDefault());
    banner.addEventListener("mousedown", (event) => event.preventDefault());
    banner.addEventListener("click", () => {
      this.hide();
      onTap?.();
    });
    this.element.replaceChildren(banner);
    this.timer = setTimeout(this.hide, STAYS);
  };

  private readonly hide = (): void => {
    clearTimeout(this.timer);
    this.element.replaceChildren();
  };
}
