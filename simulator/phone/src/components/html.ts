/** Simple HTML as a tree of nodes. Nothing of it is given to the browser as markup, so nothing of it can run. */

export type RichNode = {
  type?: "text" | "node";
  text?: string;
  name?: string;
  attrs?: Record<string, unknown>;
  children?: RichNode[];
};

const PART = /<!--[\s\S]*?-->|<(\/?)([a-z][\w-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>|[^<]+|</gi;
const ATTRIBUTE = /([^\s=/"'>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/g;
const EMPTY = new Set(["br", "col", "hr", "img"]);
/** What stands within these is text, whatever it looks like. */
const RAW = new Set(["script", "style"]);

export function parseHtml(html: string): RichNode[] {
  const root: RichNode = { children: [] };
  const open: RichNode[] = [root];
  let raw = "";
  for (const [whole, closing, tag, rest] of html.matchAll(PART)) {
    const name = tag?.toLowerCase() ?? "";
    if (raw && !(closing && name === raw)) continue;
    raw = "";
    if (closing) close(open, name);
    else if (name) {
      const node: RichNode = { name, attrs: attributesOf(rest ?? ""), children: [] };
      add(open, node);
      if (!EMPTY.has(name) && !rest?.endsWith("/")) open.push(node);
      if (RAW.has(name)) raw = name;
    } else if (!whole.startsWith("<!--")) add(open, { type: "text", text: whole });
  }
  return root.children ?? [];
}

const add = (open: RichNode[], node: RichNode): void => {
  open.at(-1)?.children?.push(node);
};

/** An end without a beginning closes nothing. */
function close(open: RichNode[], name: string): void {
  const at = open.map((node) => node.name).lastIndexOf(name);
  if (at > 0) open.length = at;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(ATTRIBUTE)) {
    attributes[name.toLowerCase()] = value
      .replace(/^(["'])(.*)\1$/s, "$2")
      .replaceAll("&quot;", '"');
  }
  return attributes;
}
