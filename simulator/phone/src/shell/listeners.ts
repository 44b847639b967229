/** Those who want to hear of one thing. */
export class Listeners<T = void> {
  private readonly all: ((value: T) => void)[] = [];

  readonly add = (listener: (value: T) => void): void => {
    this.all.push(listener);
  };

  readonly tell = (value: T): void => {
    for (const listener of this.all) listener(value);
  };
}
