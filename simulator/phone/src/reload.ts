/**
 * News from the folder the mini program is written in: a new build, the compiler's complaints, and
 * text messages for whoever holds the phone. The server's half is `phone/builds.py`.
 */

import type { Directed } from "./wx/directions";

/** Listens for as long as the page lives; `address` is `reload` of `config.json`. */
export function listenForNews(
  address: string,
  user: string,
  phone: Pick<Directed, "restart" | "showSms">,
): void {
  const url = new URL(address, location.href);
  url.searchParams.set("user", user);
  const news = new EventSource(url);
  news.addEventListener("reload", () => {
    news.close();
    phone.restart();
  });
  news.addEventListener("errors", (event) => showComplaints(JSON.parse(event.data) as string[]));
  news.addEventListener("sms", (event) => phone.showSms(JSON.parse(event.data) as string));
}

const ID = "wechat-simulator-complaints";

/** Lays the compiler's complaints over the page; none of them takes the sheet away. */
export function showComplaints(lines: string[]): void {
  document.getElementById(ID)?.remove();
  if (lines.length === 0) return;
  const sheet = document.createElement("section");
  sheet.id = ID;
  sheet.setAttribute("role", "alert");
  sheet.style.cssText =
    "position:fixed;inset:0;z-index:99999;overflow:auto;padding:20px 16px;box-sizing:border-box;" +
    "background:#1f1f1f;color:#fff;font:13px/1.6 ui-monospace,Menlo,Consolas,monospace";
  const title = document.createElement("h1");
  title.style.cssText = "margin:0 0 12px;font-size:16px;color:#ff8f8f";
  title.textContent = "编译失败 Does not compile";
  const list = document.createElement("pre");
  list.style.cssText = "margin:0;white-space:pre-wrap;overflow-wrap:anywhere";
  list.textContent = lines.join("\n");
  sheet.append(title, list);
  document.body.append(sheet);
}
