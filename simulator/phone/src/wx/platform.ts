/** What the built-in components ask of WeChat. */

import type { Platform, Shell } from "../host/ports";
import { failed, type Result } from "./calling";
import { vibrate } from "./device";
import type { Media } from "./media";
import type { People } from "./people";
import type { PhoneNumbers } from "./phone_number";
import type { Privacy } from "./privacy";
import type { Sim } from "./sim";

type Parts = {
  sim: Sim;
  shell: Shell;
  numbers: PhoneNumbers;
  media: Media;
  people: People;
  privacy: Privacy;
  resolveImage: (path: string) => string;
};

export function createPlatform(parts: Parts): Platform {
  const { sim, shell, numbers, media, people, privacy } = parts;
  let nickname = "微信用户";
  // Offline there is nobody to ask, and the keyboard has only this to offer.
  sim.person().then(
    (person) => {
      nickname = person.name;
    },
    () => {},
  );
  const say = (content: string) => void shell.showModal({ content, showCancel: false });
  return {
    getPhoneNumber: (o) => numbers.get(o),
    chooseAvatar: async () => {
      try {
        return await media.chooseAvatar();
      } catch (error) {
        return { avatarUrl: "", ...refused("chooseAvatar", error) };
      }
    },
    getUserInfo: () => asDetail("getUserInfo", people.userInfo()),
    openSetting: () => asDetail("openSetting", people.openSetting()),
    agreePrivacy: (buttonId) => privacy.agree(buttonId),
    share: ({ title, path }) =>
      void shell.showModal({
        title: "发送给朋友",
        content: [title ?? "小程序", path].filter(Boolean).join("\n"),
        confirmText: "发送",
      }),
    contact: () => say("这里会打开客服会话。模拟手机没有客服。"),
    feedback: () => say("这里会打开意见反馈页。模拟手机不收集反馈。"),
    launchApp: () => ({ errMsg: "launchApp:fail invalid scene" }),
    mayFillNickname: () =>
      privacy.require("nickname").then(
        () => true,
        () => false,
      ),
    nickname: () => nickname,
    resolveImage: parts.resolveImage,
    vibrate: () => vibrate(),
  };
}

/** An event of a component has a detail, whatever became of it. */
async function asDetail(name: string, work: Promise<Result>): Promise<Result> {
  try {
    return { errMsg: `${name}:ok`, ...(await work) };
  } catch (error) {
    return failed(name, error);
  }
}

function refused(name: string, error: unknown): { errMsg: string; errno?: number } {
  return failed(name, error) as { errMsg: string; errno?: number };
}
