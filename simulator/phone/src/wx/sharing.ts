/** Handing something to others. The phone has no others: it shows what would have gone out. */

import type { Shell } from "../host/ports";
import { encoded } from "./bytes";
import { type Calls, type Wx, WxFailure } from "./calling";
import type { Files } from "./files";
import { textOf, textOr } from "./parameters";

const SHOWN = 2000;

export function sharingFunctions(calls: Calls, shell: Shell, files: Files): Wx {
  return calls.define({
    shareFileMessage: async (o) => {
      const path = textOf(o, "filePath");
      const { bytes } = files.read(path);
      const name = textOr(o, "fileName", path.split("/").pop() ?? "");
      const { confirm } = await shell.showModal({
        title: "发送给朋友",
        content: `${name}（${bytes.length} 字节）`,
        confirmText: "发送",
      });
      if (!confirm) throw new WxFailure("cancel", { errno: 1 });
      shell.showToast({ title: "已发送（模拟）", icon: "success", duration: 1500 });
    },
    openDocument: async (o) => {
      const path = textOf(o, "filePath");
      const text = String(encoded(files.read(path).bytes, "utf8"));
      await shell.showModal({
        title: path.split("/").pop() ?? "",
        content: text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text,
        showCancel: false,
      });
    },
    // The capsule's menu offers no sharing, either way.
    showShareMenu: () => {},
    hideShareMenu: () => {},
  });
}
