import { createApp, h, nextTick, type App } from "vue";
import { afterEach, describe, expect, it, vi } from "vitest";
import ModalBox from "@/parts/ModalBox.vue";
import SecretsOnce from "@/parts/SecretsOnce.vue";

let app: App;

afterEach(() => app.unmount());

const dialog = () => document.querySelector("dialog")!;

/** What Chromium does at a second Escape: it closes, and no `cancel` could stop it. */
async function closeByForce() {
  dialog().close();
  await nextTick();
}

describe("what is shown once", () => {
  it("stays in sight however Escape or the back gesture is pressed, until its own button", async () => {
    const onClose = vi.fn();
    const secrets = [{ name: "订单服务", text: "wxk_secret" }];
    app = createApp(() => h(SecretsOnce, { title: "密钥已创建", secrets, onClose }));
    app.mount(document.createElement("div"));
    dialog().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    await closeByForce();
    expect(dialog().open).toBe(true);
    expect(dialog().textContent).toContain("wxk_secret");
    expect(onClose).not.toHaveBeenCalled();
    dialog().querySelector<HTMLButtonElement>("footer button")!.click();
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("needs the lock for that: a box without one is closed by the same force", async () => {
    const onClose = vi.fn();
    app = createApp(() => h(ModalBox, { title: "密钥已创建", onClose }));
    app.mount(document.createElement("div"));
    await closeByForce();
    expect(dialog().open).toBe(false);
    expect(onClose).toHaveBeenCalledOnce();
  });
});
