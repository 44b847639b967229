/** What the phone says of itself. */

import type { Holder, Host, PhoneConfig, Shell } from "../host/ports";
import type { Calls, Wx } from "./calling";
import { USER_DATA_PATH } from "./files";

const LIBRARY_VERSION = "3.7.0";
const WECHAT_VERSION = "8.0.54";

/** Every second phone is an Android: the two spell some answers differently. */
export function platformOf(holder: Holder): "ios" | "android" {
  const number = Number(/\d+$/.exec(holder.device)?.[0] ?? 1);
  return number % 2 === 0 ? "android" : "ios";
}

export function systemFunctions(
  calls: Calls,
  o: { config: PhoneConfig; holder: Holder; host: Host; shell: Shell },
): Wx {
  const { config, holder, host, shell } = o;
  const platform = platformOf(holder);
  const device = () => ({
    brand: "Simulated",
    model: holder.device,
    system: platform === "ios" ? "iOS 18.1" : "Android 15",
    platform,
    abi: "",
    benchmarkLevel: -1,
    cpuType: "unknown",
    memorySize: 4096,
  });
  const base = () => ({
    SDKVersion: LIBRARY_VERSION,
    version: WECHAT_VERSION,
    language: "zh_CN",
    theme: host.theme(),
    enableDebug: false,
    fontSizeScaleFactor: 1,
    fontSizeSetting: 16,
    host: { env: "WeChat" },
  });
  const setting = () => ({
    bluetoothEnabled: true,
    locationEnabled: true,
    wifiEnabled: true,
    deviceOrientation: "portrait",
  });
  const system = () => ({ ...device(), ...base(), ...setting(), ...shell.window() });
  return {
    ...calls.define({ getSystemInfo: system, getSystemInfoAsync: system }),
    getSystemInfoSync: system,
    getDeviceInfo: device,
    getAppBaseInfo: base,
    getSystemSetting: setting,
    getWindowInfo: () => shell.window(),
    getMenuButtonBoundingClientRect: () => shell.capsule(),
    getAccountInfoSync: () => ({
      miniProgram: {
        appId: config.app_id,
        envVersion: config.env_version,
        version: config.env_version === "release" ? "1.0.0" : "",
      },
      plugin: {},
    }),
    env: { USER_DATA_PATH },
  };
}
