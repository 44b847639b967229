/** `wx.showModal` and `wx.showActionSheet`. */

import type { ActionSheet, Modal, ModalAnswer } from "../host/ports";
import { openDialog } from "./dialog";
import { button, element } from "./element";

export function showModal(phone: HTMLElement, modal: Modal): Promise<ModalAnswer> {
  const { title, content = "", showCancel = true, editable = false } = modal;
  const label = title || content || "提示";
  const cancelled: ModalAnswer = { confirm: false, cancel: true };
  return openDialog<ModalAnswer>(
    phone,
    { kind: "modal", label, dismissed: cancelled },
    (answer) => {
      const field = editable ? editField(content, modal.placeholderText) : null;
      const confirmed = (): ModalAnswer => ({
        confirm: true,
        cancel: false,
        ...(field ? { content: field.value } : {}),
      });
      const cancel = showCancel
        ? coloured(modal.cancelText || "取消", modal.cancelColor, () => answer(cancelled))
        : null;
      const confirm = coloured(modal.confirmText || "确定", modal.confirmColor, () =>
        answer(confirmed()),
      );
      confirm.classList.add("is-primary");
      return [
        element(
          "div",
          { class: "phone-modal-body" },
          title ? element("h2", { text: title }) : null,
          field ?? (content ? element("p", { text: content }) : null),
        ),
        element("div", { class: "phone-modal-buttons" }, cancel, confirm),
      ];
    },
  );
}

export function showActionSheet(phone: HTMLElement, sheet: ActionSheet): Promise<number> {
  const { alertText, itemList, itemColor } = sheet;
  const label = alertText || "请选择";
  return openDialog(phone, { kind: "sheet", label, dismissed: -1 }, (answer) => [
    element(
      "div",
      { class: "phone-actions" },
      alertText ? element("p", { class: "phone-actions-title", text: alertText }) : null,
      ...itemList.map((text, index) => coloured(text, itemColor, () => answer(index))),
      button({ class: "phone-actions-cancel", text: "取消", onClick: () => answer(-1) }),
    ),
  ]);
}

function editField(content: string, placeholder = ""): HTMLInputElement {
  const field = element("input", {
    attributes: { placeholder, "aria-label": placeholder || "输入内容" },
  });
  field.value = content;
  return field;
}

function coloured(text: string, color: string | undefined, onClick: () => void): HTMLButtonElement {
  const made = button({ text, onClick });
  if (color) made.style.color = color;
  return made;
}
