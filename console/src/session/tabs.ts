/** Tells this browser's other tabs that the server answered: they share one session, so one busy
 * tab keeps all of them signed in, and a sign-out in one is a sign-out in all. */

type Message = { heardAt: number } | { isOver: true };

export interface Tabs {
  heard: (at: number) => void;
  over: () => void;
}

export interface TabListener {
  onHeard: (at: number) => void;
  onOver: () => void;
}

export function joinTabs(channel: BroadcastChannel, listener: TabListener): Tabs {
  channel.onmessage = (event: MessageEvent<Message>) => {
    if ("isOver" in event.data) listener.onOver();
    else listener.onHeard(event.data.heardAt);
  };
  return {
    heard: (at) => channel.postMessage({ heardAt: at } satisfies Message),
    over: () => channel.postMessage({ isOver: true } satisfies Message),
  };
}
