/** The desk: puts one phone on the page, says who holds it, and lists what it tells. */

const MOST_FACTS = 300;

const phone = document.querySelector("#phone");
const holder = document.querySelector("#holder");
const facts = document.querySelector("#facts");

/** What is shown of a fact of the phone: a mark, a line, and more for who asks; null for what
 * nobody reads. */
function shown(fact) {
  switch (fact.kind) {
    case "wx":
      return { mark: "wx", line: `wx.${fact.name} ${fact.ok ? "ok" : "fail"}`, bad: !fact.ok };
    case "request":
      return { mark: "→", line: `${fact.method} ${fact.url}`, more: fact.body };
    case "answer":
      return answered(fact);
    case "failed":
      return { mark: "←", line: fact.errMsg, bad: true };
    case "page":
      return { mark: "▣", line: fact.path };
    case "error":
      return { mark: "✗", line: fact.text, bad: true };
    default:
      return null;
  }
}

function answered({ status, ms, body }) {
  const code = body?.code ? ` ${body.code}` : "";
  return { mark: "←", line: `${status}${code} (${ms} ms)`, more: body, bad: status >= 400 };
}

function itemOf({ mark, line, more, bad = false }) {
  const item = document.createElement("li");
  item.classList.toggle("bad", bad);
  const sign = document.createElement("b");
  sign.textContent = mark;
  if (more === undefined || more === null || more === "") {
    item.append(sign, line);
    return item;
  }
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.append(sign, line);
  const body = document.createElement("pre");
  body.textContent = typeof more === "string" ? more : JSON.stringify(more, null, 2);
  details.append(summary, body);
  item.append(details);
  return item;
}

function show() {
  const { user, device } = Object.fromEntries(new FormData(holder));
  const query = new URLSearchParams({ user, device, dark: holder.dark.checked ? "1" : "0" });
  facts.replaceChildren();
  for (const button of document.querySelectorAll("[aria-pressed]")) {
    button.setAttribute("aria-pressed", "false");
  }
  phone.src = `/phone/?${query}`;
  history.replaceState(null, "", `?${query}`);
}

function direct(button) {
  const direction = { target: "wechat-simulator-phone", do: button.dataset.do };
  if (button.hasAttribute("aria-pressed")) {
    direction.on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(direction.on));
  }
  phone.contentWindow.postMessage(direction, location.origin);
}

addEventListener("message", ({ origin, source, data }) => {
  const isPhone = origin === location.origin && source === phone.contentWindow;
  const fact = isPhone && data?.source === "wechat-simulator-phone" ? shown(data) : null;
  if (fact === null) return;
  facts.append(itemOf(fact));
  if (facts.childElementCount > MOST_FACTS) facts.firstElementChild.remove();
  facts.scrollTop = facts.scrollHeight;
});

for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => direct(button));
}
holder.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

const asked = new URLSearchParams(location.search);
holder.user.value = asked.get("user") || "ann";
if (asked.get("device")) holder.device.value = asked.get("device");
holder.dark.checked = asked.get("dark") === "1";
show();
