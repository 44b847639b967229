/** A column of which one row is chosen: it is scrolled, tapped, or moved by the arrow keys. */

const SETTLED_MS = 120;

export type WheelRows = {
  /** The rows, in the order in which they stand. */
  rows(): HTMLElement[];
  rowHeight(): number;
  onStart?(): void;
  onSettle(index: number): void;
};

export class Wheel {
  index = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly scroller: HTMLElement,
    private readonly o: WheelRows,
  ) {
    scroller.tabIndex = 0;
    scroller.setAttribute("role", "spinbutton");
    scroller.addEventListener("scroll", () => this.scrolled());
    scroller.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.settle(this.index + step);
    });
    scroller.addEventListener("click", (event) => {
      const index = o.rows().findIndex((row) => row.contains(event.target as Node));
      if (index >= 0) this.settle(index);
    });
  }

  /** Moves there without telling anybody. */
  show(index: number): void {
    this.index = this.within(index);
    this.scroller.scrollTop = this.index * this.o.rowHeight();
    this.describe();
  }

  private settle(wanted: number): void {
    const index = this.within(wanted);
    const isOther = index !== this.index;
    this.show(index);
    if (isOther) this.o.onSettle(index);
  }

  private scrolled(): void {
    if (this.timer === undefined) this.o.onStart?.();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      // A column that is not drawn has rows of no height.
      const height = this.o.rowHeight();
      if (height > 0) this.settle(Math.round(this.scroller.scrollTop / height));
    }, SETTLED_MS);
  }

  private within(index: number): number {
    return Math.min(Math.max(0, this.o.rows().length - 1), Math.max(0, Math.trunc(index) || 0));
  }

  private describe(): void {
    this.scroller.setAttribute("aria-valuenow", String(this.index));
    this.scroller.setAttribute("aria-valuetext", this.o.rows()[this.index]?.textContent ?? "");
  }
}
