import type { App } from "./app";
import type { Auth, AuthEvents } from "./types";

export type Listener = [event: string, hear: (fact: never) => void];

export const listen =
  ({ listeners }: App): Auth["on"] =>
  (event, hear) => {
    const listener: Listener = [event, hear];
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };

/** `fact` is what `AuthEvents` says, most of it as the server told it. */
export const emit = (app: App, event: keyof AuthEvents, fact: object): void => {
  for (const [heard, hear] of app.listeners) {
    // In a turn of its own: a listener that throws must not undo a login.
    if (heard === event) Promise.resolve(fact as never).then(hear);
  }
};
