/** Toast and loading: there is one place for both, and the later one takes it. */

import type { Toast } from "../host/ports";
import { element } from "./element";
import { icons } from "./icons";

const DURATION = 1500;

export class ToastView {
  readonly element = element("div", {
    class: "phone-toast-layer",
    attributes: { role: "status", "aria-live": "polite" },
  });
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element.hidden = true;
  }

  readonly show = (toast: Toast): void => {
    this.put(toast);
    this.timer = setTimeout(this.hide, toast.duration ?? DURATION);
  };

  readonly showLoading = (loading: { title: string; mask?: boolean }): void => {
    this.put({ ...loading, icon: "loading" });
  };

  readonly hide = (): void => {
    clearTimeout(this.timer);
    this.element.hidden = true;
    this.element.replaceChildren();
  };

  private put({ title, icon = "success", image, mask }: Toast): void {
    clearTimeout(this.timer);
    this.element.dataset.mask = mask ? "yes" : "no";
    const picture = image
      ? element("img", { attributes: { src: image, alt: "" } })
      : icon === "none"
        ? null
        : icons[icon]();
    const kind = picture ? "phone-toast with-icon" : "phone-toast";
    this.element.replaceChildren(
      element("div", { class: kind }, picture, element("p", { text: title })),
    );
    this.element.hidden = false;
  }
}
