/** At most `limit` calls at a time: WeChat drops or delays what goes beyond. `isUrgent` (a login)
 * goes first, as everybody else waits for it. A call holds its place only while it is on the wire,
 * so ten calls that wait for a login do not keep that login out. */
export type Queue = <R>(call: () => Promise<R>, isUrgent?: boolean) => Promise<R>;

export const createQueue = (limit: number): Queue => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (call, isUrgent) => {
    if (running < limit) running++;
    else await new Promise<void>((go) => (isUrgent ? waiting.unshift(go) : waiting.push(go)));
    try {
      return await call();
    } finally {
      // The place goes to the next in line, or is free.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
};
