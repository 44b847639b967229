import type { App } from "./app";

// Everything up to the path, what stands before an `@` included: `https://ours@evil.example` is not
// ours. A socket belongs to the http address beside it.
const originOf = (url: string): string =>
  (/^[a-z]+:\/\/[^/?#]*/i.exec(url) || [""])[0].toLowerCase().replace(/^ws/, "http");

/** The whole address; the slash keeps `.evil.example` from lengthening our host. */
export const urlOf = (app: App, url = ""): string =>
  originOf(url) ? url : `${app.base}/${url.replace(/^\/+/, "")}`;

/** Whether the token may go there. */
export const isTrusted = (app: App, url: string | undefined): boolean =>
  [app.base]
    .concat(app.options.trustedOrigins || [])
    .some((each) => originOf(each) === originOf(urlOf(app, url)));
