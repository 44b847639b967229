/** Sheets in which WeChat asks the person for permission. */

import { openDialog } from "./dialog";
import { button, element } from "./element";
import { icons } from "./icons";

const SCOPES: Record<string, string> = {
  "scope.userInfo": "你的昵称和头像",
  "scope.userLocation": "你的位置信息",
  "scope.userFuzzyLocation": "你的大致位置",
  "scope.record": "你的麦克风",
  "scope.camera": "你的摄像头",
  "scope.bluetooth": "你的蓝牙",
  "scope.writePhotosAlbum": "保存图片或视频到你的相册",
  "scope.addPhoneContact": "添加联系人",
  "scope.addPhoneCalendar": "添加日历日程",
  "scope.werun": "你的微信运动步数",
};

export function askAuthorize(phone: HTMLElement, scope: string): Promise<boolean> {
  const title = `申请使用${nameOf(scope)}`;
  return ask(phone, title, []);
}

/** WeChat's own dialog, for mini programs that bring none. */
export function askPrivacy(phone: HTMLElement, contractName: string): Promise<boolean> {
  return ask(
    phone,
    "用户隐私保护提示",
    ["在你使用服务之前，请仔细阅读", contractName, "。如你同意，请点击“同意”开始使用。"],
    { refuseText: "拒绝", allowText: "同意" },
  );
}

export function askSettings(
  phone: HTMLElement,
  authorisations: Record<string, boolean>,
): Promise<Record<string, boolean>> {
  return openDialog(phone, { kind: "page", label: "设置", dismissed: authorisations }, (answer) => {
    const rows = Object.entries(authorisations).map(([scope, isAllowed]) =>
      switchRow(scope, isAllowed),
    );
    const now = () => Object.fromEntries(rows.map(({ scope, input }) => [scope, input.checked]));
    const empty = "小程序还没有申请过任何权限";
    return [
      titled("设置"),
      element("p", { class: "phone-hint", text: rows.length > 0 ? "允许小程序使用" : empty }),
      element("div", { class: "phone-numbers" }, ...rows.map(({ row }) => row)),
      button({ class: "phone-decision is-allow", text: "完成", onClick: () => answer(now()) }),
    ];
  });
}

export function consentHead(): HTMLElement {
  return element(
    "div",
    { class: "phone-consent-head" },
    element("span", { class: "phone-app-icon" }, icons.app()),
    element("span", { text: "小程序 申请" }),
  );
}

export function titled(text: string): HTMLElement {
  return element("h2", { class: "phone-sheet-title", text });
}

export function decisions(o: {
  refuse: () => void;
  allow: () => void;
  refuseText?: string;
  allowText?: string;
}): HTMLElement {
  return element(
    "div",
    { class: "phone-decisions" },
    button({ class: "phone-decision", text: o.refuseText ?? "拒绝", onClick: o.refuse }),
    button({ class: "phone-decision is-allow", text: o.allowText ?? "允许", onClick: o.allow }),
  );
}

function ask(
  phone: HTMLElement,
  title: string,
  [before, name, after]: string[],
  texts: { refuseText?: string; allowText?: string } = {},
): Promise<boolean> {
  return openDialog(phone, { kind: "sheet", label: title, dismissed: false }, (answer) => [
    consentHead(),
    titled(title),
    ...(before === undefined
      ? []
      : [
          element(
            "p",
            { class: "phone-sheet-text" },
            before,
            element("b", { text: name ?? "" }),
            after,
          ),
        ]),
    decisions({ refuse: () => answer(false), allow: () => answer(true), ...texts }),
  ]);
}

function switchRow(scope: string, isAllowed: boolean) {
  const input = element("input", { attributes: { type: "checkbox", role: "switch" } });
  input.checked = isAllowed;
  const row = element(
    "label",
    { class: "phone-number" },
    element("span", { text: nameOf(scope) }),
    input,
  );
  return { scope, input, row };
}

function nameOf(scope: string): string {
  return Object.hasOwn(SCOPES, scope) ? (SCOPES[scope] ?? scope) : scope;
}
