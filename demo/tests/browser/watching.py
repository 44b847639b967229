"""What no page of the demo may do, and whether it did."""

from typing import Any

# In every frame: the desk's own page, and the phones in it. The facts are what phones tell the
# desk; kept there, they outlive a phone's restart.
SCRIPT = """
document.addEventListener("securitypolicyviolation", (event) =>
  breach(`CSP ${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`));
window.heard = [];
addEventListener("message", ({ data }) => {
  if (data?.source !== "wechat-simulator-phone") return;
  heard.push(data);
  if (data.kind === "error") breach(`the mini program: ${data.text}`);
});
"""


class Watch:
    """Over one browser context; `amiss` fills up."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.amiss: list[str] = []

    async def over(self, context: Any) -> None:
        await context.expose_function("breach", self._broke)
        await context.add_init_script(SCRIPT)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.amiss.append(f"thrown: {error.error}"))
        context.on("request", self._asked)

    def _broke(self, told: str) -> None:
        self.amiss.append(told)

    def _said(self, message: Any) -> None:
        # A refusal of the server is part of the story; Chromium writes a line about it besides.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.amiss.append(f"{message.type}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.amiss.append(f"asked elsewhere: {request.url}")
