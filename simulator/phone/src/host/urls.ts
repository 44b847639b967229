/** Addresses of pages: `/pages/a/a?x=1`, or relative to the page in front. */

import type { Query } from "./ports";

export type PageAddress = { path: string; query: Query };

/**
 * As WeChat reads it: values are not decoded (pages call `decodeURIComponent` themselves), what follows a second `=`
 * is lost, and a name without value comes as the word `undefined`.
 */
export function parseQuery(text: string): Query {
  const pairs = text.split("&").filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = "", value = "undefined"] = pair.split("=");
      return [name, value];
    }),
  );
}

/** What follows a second `?` is lost too. */
export function parseAddress(url: string, from: string): PageAddress {
  const [path = "", query = ""] = url.split("?");
  const steps = path.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return { path: steps.join("/").replace(/\.html$/, ""), query: parseQuery(query) };
}
