/** The desk: puts one phone on the page, says who holds it, and lists what it tells. */

const MOST_FACTS = 300;

const phone = document.querySelector("#phone");
const holder = document.querySelector("#holder");
const facts = document.querySelector("#facts");

/** A line for a fact of the phone, and whether it is bad news; null for what nobody reads. */
function lineOf(fact) {
  switch (fact.kind) {
    case "wx":
      return [`wx.${fact.name} ${fact.ok ? "ok" : "fail"}`, !fact.ok];
    case "request":
      return [`→ ${fact.method} ${fact.url}`, false];
    case "answer":
      return [`← ${fact.status} (${fact.ms} ms) ${JSON.stringify(fact.body ?? "")}`, fact.status >= 400];
    case "failed":
      return [`← ${fact.errMsg}`, true];
    case "page":
      return [`▣ ${fact.path}`, false];
    case "error":
      return [`✗ ${fact.text}`, true];
    default:
      return null;
  }
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
  const line = isPhone && data?.source === "wechat-simulator-phone" ? lineOf(data) : null;
  if (line === null) return;
  const item = document.createElement("li");
  [item.textContent] = line;
  item.classList.toggle("bad", line[1]);
  facts.append(item);
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
