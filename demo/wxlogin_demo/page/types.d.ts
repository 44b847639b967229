/** What the page hears: from the server as it happens, and from the phones in their frames. */

export type Words = { zh: string; en: string };

type Told = { number: number; at: number };

/** Of `/demo/events`; secrets were masked before they were sent. `phone` is `user/device`, null for a terminal. */
export type ServerFact =
  | { kind: "hello"; world: string }
  | (Told &
      (
        | { kind: "reset"; world: string }
        | RequestTold
        | AnswerTold
        | StepTold
        | WeChatTold
        | { kind: "sms"; to: string; text: string; users: string[] }
        | LeverTold
      ));

export type RequestTold = {
  kind: "request";
  request: number;
  phone: string | null;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
  is_login: boolean;
};

export type AnswerTold = {
  kind: "answer";
  request: number;
  phone: string | null;
  status: number;
  code: string | null;
  body: unknown;
  ms: number;
};

export type StepTold = {
  kind: "step";
  step: number;
  request: number;
  phone: string | null;
  outcome: string;
  note: Words;
  ms?: number | null;
  wire?: unknown;
  never?: string[];
};

export type WeChatTold = {
  kind: "wechat";
  request: number | null;
  method: string;
  path: string;
  status: number | null;
  errcode: number | string | null;
  fault: unknown;
  sent: Record<string, unknown>;
  told: Record<string, unknown>;
};

export type LeverTold = {
  kind: "lever";
  name: string;
  user: string;
  choice: string;
  told: Words;
  now: string;
};

/** Of a phone, by `postMessage`; what it tells is masked by the phone. */
export type PhoneFact = { source: "wechat-simulator-phone"; phone: string; at: number } & (
  | { kind: "wx"; name: string; ok: boolean; detail?: unknown }
  | {
      kind: "request";
      id: number;
      method: string;
      url: string;
      body?: unknown;
      hasToken: boolean;
      header: Record<string, string>;
    }
  | { kind: "answer"; id: number; status: number; body?: unknown; ms: number }
  | { kind: "failed"; id: number; errMsg: string }
  | { kind: "storage"; key: string; value: unknown }
  | { kind: "page"; path: string }
  | { kind: "ready" }
  | { kind: "error"; text: string }
);

/** How one of the ten steps stands in the last login of a phone. `times`: how often since. */
export type StepState = {
  state: "idle" | "active" | "ok" | "failed";
  note: Words | null;
  wire: unknown;
  never: string[];
  ms: number | null;
  why: string | null;
  times: number;
};

export type Choice = { value: string | boolean; words: Words };

export type Lever = {
  name: string;
  title: Words;
  see: Words;
  choices: Choice[];
  direction: { do: string; key: string } | null;
  opens: { user: string; device: string } | null;
};

export type LeverList = {
  groups: { name: string; title: Words; levers: Lever[] }[];
  chosen: Record<string, string | boolean>;
  now: string;
};

/** A line of the list of what crossed the wire. */
export type Line = {
  at: number;
  phone: string | null;
  sign: string;
  what: string;
  result: string;
  isBad: boolean;
  ms: number | null;
  never: string[];
  details: { title: Words; value: unknown }[];
};
