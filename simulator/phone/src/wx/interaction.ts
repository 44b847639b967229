/** Toasts, dialogs and sheets. */

import type { Shell } from "../host/ports";
import { type Calls, type Wx, WxFailure } from "./calling";
import { numberOr, textOf, textOr } from "./parameters";

const ICONS = ["success", "error", "loading", "none"] as const;
const COLOR = /^#[0-9a-f]{3,8}$/i;

export function interactionFunctions(
  calls: Calls,
  shell: Shell,
  resolveImage: (path: string) => string,
): Wx {
  return calls.define({
    showToast: (o) => {
      const icon = ICONS.find((one) => one === textOr(o, "icon", "success"));
      shell.showToast({
        title: textOf(o, "title"),
        icon: icon ?? "success",
        duration: numberOr(o, "duration", 1500),
        mask: o.mask === true,
        ...(typeof o.image === "string" ? { image: resolveImage(o.image) } : {}),
      });
    },
    hideToast: () => shell.hideToast(),
    showLoading: (o) => shell.showLoading({ title: textOr(o, "title", ""), mask: o.mask === true }),
    hideLoading: () => shell.hideLoading(),
    showModal: (o) =>
      shell.showModal({
        title: textOr(o, "title", ""),
        content: textOr(o, "content", ""),
        showCancel: o.showCancel !== false,
        cancelText: label(textOr(o, "cancelText", "取消"), "cancelText"),
        cancelColor: color(o.cancelColor),
        confirmText: label(textOr(o, "confirmText", "确定"), "confirmText"),
        confirmColor: color(o.confirmColor),
        editable: o.editable === true,
        placeholderText: textOr(o, "placeholderText", ""),
      }),
    showActionSheet: async (o) => {
      const items = o.itemList;
      if (!Array.isArray(items) || items.length === 0) {
        throw new WxFailure("parameter error: parameter.itemList should have at least 1 item;");
      }
      if (items.length > 6) {
        throw new WxFailure("parameter error: itemList should not have more than 6 items");
      }
      const tapIndex = await shell.showActionSheet({
        itemList: items.map(String),
        alertText: textOr(o, "alertText", ""),
        itemColor: color(o.itemColor),
      });
      if (tapIndex < 0) throw new WxFailure("cancel", { errno: 1 });
      return { tapIndex };
    },
  });
}

/** WeChat takes four characters on a button. */
function label(text: string, name: string): string {
  if ([...text].length > 4) {
    throw new WxFailure(
      `parameter error: ${name} length should not larger than 4 Chinese characters`,
    );
  }
  return text;
}

function color(value: unknown): string {
  return typeof value === "string" && COLOR.test(value) ? value : "";
}
