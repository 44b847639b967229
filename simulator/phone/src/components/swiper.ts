import { type BuiltIn, type BuiltInElement, builtInAt, type Reactions } from "../host/built_in";
import { toCssUnits } from "../host/units";
import { flag, number, string } from "./properties";
import { listenForSwipes } from "./swipes";

type Source = "autoplay" | "touch" | "";

export const swiper: BuiltIn = {
  tag: "swiper",
  content: "inside",
  properties: {
    indicatorDots: flag(),
    indicatorColor: string("rgba(0, 0, 0, .3)"),
    indicatorActiveColor: string("#000000"),
    autoplay: flag(),
    current: number(),
    currentItemId: string(),
    interval: number(5000),
    duration: number(500),
    circular: flag(),
    vertical: flag(false, { attribute: "vertical" }),
    previousMargin: string("0px"),
    nextMargin: string("0px"),
    snapToEdge: flag(),
    displayMultipleItems: number(1),
    easingFunction: string("default"),
    skipHiddenItemLayout: flag(),
    touchable: flag(true),
    layoutType: string("normal"),
  },
  mount: (self) => new Swiper(self).reactions(),
};

export const swiperItem: BuiltIn = {
  tag: "swiper-item",
  properties: { itemId: string(), skipHiddenItemLayout: flag() },
};

const EASINGS: Record<string, string> = {
  linear: "linear",
  easeInCubic: "cubic-bezier(0.55, 0.055, 0.675, 0.19)",
  easeOutCubic: "cubic-bezier(0.215, 0.61, 0.355, 1)",
  easeInOutCubic: "cubic-bezier(0.645, 0.045, 0.355, 1)",
};

class Swiper {
  private readonly dots = document.createElement("div");
  private shown = 0;
  private timer: ReturnType<typeof setInterval> | undefined;
  private watcher: MutationObserver | undefined;

  constructor(private readonly self: BuiltInElement) {
    this.dots.className = "built-in-dots";
    self.element.prepend(this.dots);
  }

  reactions(): Reactions {
    const draw = (): void => this.draw();
    const play = (): void => this.play();
    return {
      changed: {
        current: (index) => this.goTo(Number(index), ""),
        currentItemId: (id) => this.goToItem(String(id)),
        indicatorDots: draw,
        indicatorColor: draw,
        indicatorActiveColor: draw,
        vertical: draw,
        previousMargin: draw,
        nextMargin: draw,
        displayMultipleItems: draw,
        autoplay: play,
        interval: play,
      },
      attached: () => this.attach(),
      detached: () => {
        clearInterval(this.timer);
        this.watcher?.disconnect();
      },
    };
  }

  private attach(): void {
    const { self } = this;
    listenForSwipes(self, (direction) => this.step(direction, "touch"));
    self.inside.addEventListener("transitionend", (event) => {
      if (event.target === self.inside) this.tell("animationfinish", "touch");
    });
    this.watcher = new MutationObserver(() => this.draw());
    this.watcher.observe(self.inside, { childList: true });
    this.goToItem(String(self.get("currentItemId")));
    this.draw();
    this.play();
  }

  private get items(): HTMLElement[] {
    return [...this.self.inside.querySelectorAll<HTMLElement>(":scope > wx-swiper-item")];
  }

  private get last(): number {
    return Math.max(0, this.items.length - Number(this.self.get("displayMultipleItems")));
  }

  private play(): void {
    clearInterval(this.timer);
    if (!this.self.get("autoplay") || !this.self.element.isConnected) return;
    this.timer = setInterval(
      () => {
        if (this.shown >= this.last) this.goTo(0, "autoplay");
        else this.step(1, "autoplay");
      },
      Number(this.self.get("interval")),
    );
  }

  private step(direction: 1 | -1, source: Source): void {
    const count = this.last + 1;
    const next = this.shown + direction;
    if (this.self.get("circular")) this.goTo((next + count) % count, source);
    else this.goTo(Math.min(this.last, Math.max(0, next)), source);
  }

  private goToItem(id: string): void {
    if (!id) return;
    const index = this.items.findIndex((item) => builtInAt(item)?.get("itemId") === id);
    if (index >= 0) this.goTo(index, "");
  }

  private goTo(index: number, source: Source): void {
    if (index === this.shown) return;
    this.shown = index;
    if (this.self.get("current") !== index) this.self.set("current", index);
    this.draw();
    if (this.self.element.isConnected) this.tell("change", source);
  }

  private tell(event: string, source: Source): void {
    const current = this.shown;
    const currentItemId = builtInAt(this.items[current])?.get("itemId") ?? "";
    this.self.fire(event, { current, currentItemId, source });
  }

  private draw(): void {
    const { self } = this;
    const track = self.inside;
    const isVertical = Boolean(self.get("vertical"));
    const share = 100 / Math.max(1, Number(self.get("displayMultipleItems")));
    const margins = [self.get("previousMargin"), self.get("nextMargin")].map((each) =>
      toCssUnits(String(each)),
    );
    track.style.inset = isVertical
      ? `${margins[0]} 0 ${margins[1]}`
      : `0 ${margins[1]} 0 ${margins[0]}`;
    track.style.transitionDuration = `${self.get("duration")}ms`;
    track.style.transitionTimingFunction = EASINGS[String(self.get("easingFunction"))] ?? "ease";
    track.style.transform = `translate${isVertical ? "Y" : "X"}(${-this.shown * share}%)`;
    this.items.forEach((item, index) => {
      item.style.flexBasis = `${share}%`;
      // What is not in view cannot be tapped, nor is it read.
      const isInView = index >= this.shown && index <= this.shown + 100 / share - 1;
      item.setAttribute("aria-hidden", String(!isInView));
    });
    this.drawDots();
  }

  private drawDots(): void {
    this.dots.hidden = !this.self.get("indicatorDots");
    this.dots.replaceChildren(
      ...this.items.map((_, index) => {
        const dot = document.createElement("i");
        const name = index === this.shown ? "indicatorActiveColor" : "indicatorColor";
        dot.style.backgroundColor = String(this.self.get(name));
        return dot;
      }),
    );
  }
}
