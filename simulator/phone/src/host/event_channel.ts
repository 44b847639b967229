/** The channel between a page and the one it opened. */

import type { EventChannel } from "./ports";

type Listener = (...args: unknown[]) => void;

export function createEventChannel(events: Record<string, Listener> = {}): EventChannel {
  const listeners = new Map<string, Listener[]>(
    Object.entries(events).map(([name, listener]) => [name, [listener]]),
  );
  const channel: EventChannel = {
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    once(name, listener) {
      const run: Listener = (...args) => {
        channel.off(name, run);
        listener(...args);
      };
      channel.on(name, run);
    },
    off(name, listener) {
      if (!listener) listeners.delete(name);
      else
        listeners.set(
          name,
          (listeners.get(name) ?? []).filter((each) => each !== listener),
        );
    },
    emit(name, ...args) {
      for (const listener of listeners.get(name) ?? []) listener(...args);
    },
  };
  return channel;
}
