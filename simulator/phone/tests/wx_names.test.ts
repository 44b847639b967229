// @vitest-environment jsdom
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPhone } from "./wx_phone";

/** Where npm puts what all of its workspaces share. */
const TYPINGS = join(import.meta.dirname, "../../../node_modules/miniprogram-api-typings/types/wx");
const WANTED = `login checkSession request uploadFile downloadFile connectSocket cloud
  getStorage setStorage removeStorage clearStorage getStorageInfo getStorageSync setStorageSync
  removeStorageSync clearStorageSync getStorageInfoSync showToast hideToast showLoading hideLoading
  showModal showActionSheet navigateTo redirectTo reLaunch switchTab navigateBack
  setNavigationBarTitle setNavigationBarColor showNavigationBarLoading hideNavigationBarLoading
  getSystemInfo getSystemInfoSync getWindowInfo getDeviceInfo getAppBaseInfo getSystemSetting
  getMenuButtonBoundingClientRect getAccountInfoSync getLaunchOptionsSync getEnterOptionsSync
  getNetworkType onNetworkStatusChange offNetworkStatusChange onAppShow offAppShow onAppHide
  offAppHide onError offError onUnhandledRejection offUnhandledRejection onThemeChange
  offThemeChange getSetting openSetting authorize getUserInfo getUserProfile
  onNeedPrivacyAuthorization getPrivacySetting requirePrivacyAuthorize openPrivacyContract
  chooseImage chooseMedia getFileSystemManager shareFileMessage openDocument setClipboardData
  getClipboardData makePhoneCall vibrateShort pageScrollTo stopPullDownRefresh
  startPullDownRefresh createSelectorQuery nextTick canIUse getUpdateManager hideKeyboard env
  base64ToArrayBuffer arrayBufferToBase64 reportEvent getLogManager getRealtimeLogManager`;

function officialNames(): Set<string> {
  const text = ["lib.wx.api.d.ts", "lib.wx.cloud.d.ts"]
    .map((name) => readFileSync(join(TYPINGS, name), "utf8"))
    .join("\n");
  return new Set(
    [...text.matchAll(/^ {8}(?:readonly )?(\w+)[?(<:]/gm)].map(([, name]) => name ?? ""),
  );
}

describe("the names of wx", () => {
  test("everything a mini program with a login needs is there", () => {
    const { wx } = openPhone();
    for (const name of WANTED.split(/\s+/)) expect(wx, name).toHaveProperty(name);
  });

  test("nothing is there that WeChat does not have", () => {
    const official = officialNames();
    expect(official.has("checkSession")).toBe(true);
    const invented = Object.keys(openPhone().wx).filter((name) => !official.has(name));
    expect(invented).toEqual([]);
  });
});
