/** The little of Node.js that the tests need. */
declare module "node:util" {
  export function inspect(thing: unknown, options?: { depth: number }): string;
}

type Hear = (why: unknown) => void;

declare const process: {
  on(event: "unhandledRejection", hear: Hear): void;
  off(event: "unhandledRejection", hear: Hear): void;
  once(event: "unhandledRejection", hear: Hear): void;
};
