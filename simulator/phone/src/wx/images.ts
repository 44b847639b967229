/** Which address `<img>` shows for a path of the mini program. */

import type { Host } from "../host/ports";
import type { Connection } from "./connection";
import type { Files } from "./files";

export function imageResolver(
  files: Files,
  connection: Connection,
  host: Host,
  assetUrl: (path: string) => string,
): (path: string) => string {
  return (path) => {
    if (path === "" || /^(data|blob):/.test(path)) return path;
    const address = files.addressOf(path);
    if (address !== undefined) return address;
    if (/^https?:/.test(path)) return ownAddress(path, connection);
    const page = host.getCurrentPages().at(-1)?.route ?? "";
    // Seen from the page's folder; a path from the root stays one.
    return assetUrl(new URL(path, `http://package/${page}`).pathname);
  };
}

/** Pictures of the mini program's own server come by way of our origin; others stay as they are. */
function ownAddress(url: string, connection: Connection): string {
  try {
    return connection.lead(url);
  } catch {
    return url;
  }
}
