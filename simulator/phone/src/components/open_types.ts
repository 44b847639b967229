/** `<button open-type="…">`: what WeChat does for the mini program when a person presses it. */

import type { BuiltInElement } from "../host/built_in";
import { notice } from "./notice";

type Act = (self: BuiltInElement) => void | Promise<void>;

const OPEN_TYPES: Record<string, Act> = {
  agreePrivacyAuthorization(self) {
    self.platform.agreePrivacy(self.id);
    self.fire("agreeprivacyauthorization", { errMsg: "agreePrivacyAuthorization:ok" });
  },
  getPhoneNumber: (self) => askPhoneNumber(self, "getphonenumber", { realtime: false }),
  getRealtimePhoneNumber: (self) =>
    askPhoneNumber(self, "getrealtimephonenumber", { realtime: true }),
  async chooseAvatar(self) {
    const chosen = await self.platform.chooseAvatar();
    if (chosen) self.fire("chooseavatar", chosen);
  },
  async getUserInfo(self) {
    const lang = String(self.get("lang"));
    self.fire("getuserinfo", await self.platform.getUserInfo({ lang, withCredentials: true }));
  },
  async openSetting(self) {
    self.fire("opensetting", await self.platform.openSetting());
  },
  share(self) {
    const page = self.host.getCurrentPages().at(-1);
    const asked = shareOf(page, self);
    self.platform.share({ ...(page && { path: page.route }), ...asked });
  },
  contact: (self) => self.platform.contact(),
  feedback: (self) => self.platform.feedback(),
  launchApp(self) {
    notice(self, "这里会打开另一个 App。模拟手机没有别的 App。");
    self.fire("error", self.platform.launchApp());
  },
};

export async function actOnOpenType(self: BuiltInElement): Promise<void> {
  for (const name of openTypesOf(self)) {
    const act = Object.hasOwn(OPEN_TYPES, name) ? OPEN_TYPES[name] : undefined;
    if (act) await act(self);
    else notice(self, `模拟手机没有 open-type="${name}"。`);
  }
}

/** Of `getPhoneNumber|agreePrivacyAuthorization`, consent comes first: the other one needs it. */
function openTypesOf(self: BuiltInElement): string[] {
  const names = String(self.get("openType")).split("|").filter(Boolean);
  const isConsent = (name: string): boolean => name === "agreePrivacyAuthorization";
  return [...names.filter(isConsent), ...names.filter((name) => !isConsent(name))];
}

async function askPhoneNumber(
  self: BuiltInElement,
  event: string,
  how: { realtime: boolean },
): Promise<void> {
  const noQuotaToast = Boolean(self.get("phoneNumberNoQuotaToast"));
  self.fire(event, await self.platform.getPhoneNumber({ ...how, noQuotaToast }));
}

/** The page says what is shared, and may say nothing. */
function shareOf(page: unknown, self: BuiltInElement): { title?: string; path?: string } {
  const sharing = page as { onShareAppMessage?: (about: unknown) => unknown } | undefined;
  const about = {
    from: "button",
    target: { id: self.id, dataset: { ...self.component.dataset } },
    webViewUrl: undefined,
  };
  const answer = sharing?.onShareAppMessage?.(about) as
    { title?: unknown; path?: unknown } | undefined;
  return {
    ...(typeof answer?.title === "string" && { title: answer.title }),
    ...(typeof answer?.path === "string" && { path: answer.path }),
  };
}
