/** The consent sheet of the phone number button. */

import type { PhoneChoice } from "../host/ports";
import { consentHead, decisions, titled } from "./consent";
import { openDialog } from "./dialog";
import { button, element } from "./element";

const MOBILE = /^1\d{10}$/;

export async function askPhone(phone: HTMLElement, phones: string[]): Promise<PhoneChoice | null> {
  for (;;) {
    const choice = await chooseNumber(phone, phones);
    if (choice !== "other") return choice;
    const added = await typeNumber(phone);
    if (added !== null) return { added };
  }
}

function chooseNumber(phone: HTMLElement, phones: string[]): Promise<PhoneChoice | "other" | null> {
  const title = "申请获取并验证你的手机号";
  return openDialog<PhoneChoice | "other" | null>(
    phone,
    { kind: "sheet", label: title, dismissed: null },
    (answer) => {
      const choices = phones.map(numberChoice);
      const chosen = () => choices.findIndex(({ input }) => input.checked);
      return [
        consentHead(),
        titled(title),
        element(
          "div",
          { class: "phone-numbers", attributes: { role: "radiogroup", "aria-label": "手机号" } },
          ...choices.map(({ row }) => row),
        ),
        button({ class: "phone-link", text: "使用其他号码", onClick: () => answer("other") }),
        decisions({
          refuse: () => answer(null),
          allow: () => answer({ chosen: chosen() }),
        }),
      ];
    },
  );
}

function numberChoice(
  number: string,
  index: number,
): { row: HTMLElement; input: HTMLInputElement } {
  const input = element("input", { attributes: { type: "radio", name: "phone-number" } });
  input.checked = index === 0;
  const row = element(
    "label",
    { class: "phone-number" },
    element(
      "span",
      {},
      element("strong", { text: number }),
      element("small", { text: index === 0 ? "微信绑定号码" : "其他号码" }),
    ),
    input,
  );
  return { row, input };
}

function typeNumber(phone: HTMLElement): Promise<string | null> {
  const title = "添加手机号";
  return openDialog<string | null>(
    phone,
    { kind: "sheet", label: title, dismissed: null },
    (answer) => {
      const field = element("input", {
        class: "phone-field",
        attributes: {
          inputmode: "numeric",
          maxlength: "11",
          placeholder: "11 位手机号",
          "aria-label": "手机号",
        },
      });
      const complaint = element("p", { class: "phone-complaint", attributes: { role: "alert" } });
      const add = () => {
        if (MOBILE.test(field.value)) answer(field.value);
        else complaint.textContent = "请输入 11 位手机号";
      };
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter") add();
      });
      return [
        titled(title),
        element("p", { class: "phone-hint", text: "微信会用短信验证它；模拟手机直接当作已验证。" }),
        field,
        complaint,
        decisions({
          refuse: () => answer(null),
          allow: add,
          refuseText: "取消",
          allowText: "确定",
        }),
      ];
    },
  );
}
