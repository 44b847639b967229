import { createApp, h, nextTick, type App } from "vue";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/problem";
import { isReason } from "@/parts/act";
import ActDialog from "@/parts/ActDialog.vue";

let app: App;

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
});

afterEach(() => app.unmount());

function open(run: (reason: string) => Promise<unknown>, fieldsProblem: string | null = null) {
  const told = { close: vi.fn(), done: vi.fn() };
  app = createApp(() =>
    h(ActDialog, {
      act: { title: "停用账号", done: "账号已停用", run },
      fieldsProblem,
      onClose: told.close,
      onDone: told.done,
    }),
  );
  app.mount(document.createElement("div"));
  return told;
}

const dialog = () => document.querySelector("dialog")!;

async function settle() {
  for (let turn = 0; turn < 5; turn += 1) await nextTick();
}

async function write(reason: string) {
  const field = dialog().querySelector("textarea")!;
  field.value = reason;
  field.dispatchEvent(new Event("input"));
  await settle();
}

async function confirm() {
  dialog()
    .querySelector("form")!
    .dispatchEvent(new Event("submit", { cancelable: true }));
  await settle();
}

describe("the dialog that asks for the reason", () => {
  it.each(["", "   \n "])("does nothing without a reason (%j)", async (reason) => {
    const run = vi.fn(() => Promise.resolve());
    open(run);
    await write(reason);
    await confirm();
    expect(run).not.toHaveBeenCalled();
    expect(dialog().querySelector("[role=alert]")?.textContent).toBe("请填写操作原因");
  });

  it("hands the trimmed reason over, tells it is done, and closes", async () => {
    const run = vi.fn(() => Promise.resolve());
    const told = open(run);
    await write("  工单 4821 ");
    await confirm();
    expect(run).toHaveBeenCalledExactlyOnceWith("工单 4821");
    expect(told.done).toHaveBeenCalledOnce();
    expect(told.close).toHaveBeenCalledOnce();
  });

  it("acts once for two quick clicks", async () => {
    const run = vi.fn(() => new Promise(() => undefined));
    open(run);
    await write("工单");
    await confirm();
    await confirm();
    expect(run).toHaveBeenCalledOnce();
  });

  it("stays open with the problem when the server refuses, and may be tried again", async () => {
    const refusal = new ApiProblem(403, "scope_missing", "没有权限", null, "req-7");
    const run = vi.fn(() => Promise.reject(refusal));
    const told = open(run);
    await write("工单");
    await confirm();
    expect(dialog().textContent).toContain("没有权限");
    expect(dialog().textContent).toContain("req-7");
    expect(told.close).not.toHaveBeenCalled();
    await confirm();
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("waits for the other fields too", async () => {
    const run = vi.fn(() => Promise.resolve());
    open(run, "请选择将来的时间");
    await write("工单");
    await confirm();
    expect(run).not.toHaveBeenCalled();
    expect(dialog().textContent).toContain("请选择将来的时间");
  });

  it("is a dialog with a name, and Escape closes it while nothing is on its way", async () => {
    const told = open(() => Promise.resolve());
    const name = dialog().getAttribute("aria-labelledby")!;
    expect(document.getElementById(name)?.textContent).toBe("停用账号");
    dialog().dispatchEvent(new Event("cancel", { cancelable: true }));
    expect(told.close).toHaveBeenCalledOnce();
  });

  it("cannot be closed while the act is on its way", async () => {
    const told = open(() => new Promise(() => undefined));
    await write("工单");
    await confirm();
    dialog().dispatchEvent(new Event("cancel", { cancelable: true }));
    expect(told.close).not.toHaveBeenCalled();
  });
});

describe("a reason", () => {
  it("has 1 to 500 characters, counted as a reader counts them", () => {
    expect(isReason("字".repeat(500))).toBe(true);
    expect(isReason("字".repeat(501))).toBe(false);
    expect(isReason("😀".repeat(500))).toBe(true);
    expect(isReason(" ")).toBe(false);
  });
});
