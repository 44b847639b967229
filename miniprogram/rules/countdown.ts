/**
 * Counts by the moment it ends, not by ticks: the timers of a mini program stand still in the
 * background, and a person who comes back from the SMS would be kept waiting for what is over.
 */
export class Countdown {
  private endsAt = 0;
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(private readonly show: (secondsLeft: number) => void) {}

  start(seconds: number): void {
    this.stop();
    this.endsAt = Date.now() + seconds * 1000;
    this.timer = setInterval(() => this.tick(), 500);
    this.tick();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private tick(): void {
    const secondsLeft = Math.max(0, Math.ceil((this.endsAt - Date.now()) / 1000));
    if (secondsLeft === 0) this.stop();
    this.show(secondsLeft);
  }
}
