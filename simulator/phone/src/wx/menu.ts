/** The capsule's menu of the mini program. */

import type { Holder, PhoneConfig, Shell } from "../host/ports";

export async function openMenu(
  shell: Shell,
  o: { config: PhoneConfig; holder: Holder; restart: () => void; clearStorage: () => void },
): Promise<void> {
  const entries: [string, () => void][] = [
    ["重新进入小程序", o.restart],
    [
      "删除小程序（清除本机数据）并重新进入",
      () => {
        o.clearStorage();
        o.restart();
      },
    ],
    ["关于", () => void shell.showModal({ title: "关于", content: about(o), showCancel: false })],
  ];
  const tapped = await shell.showActionSheet({ itemList: entries.map(([text]) => text) });
  entries[tapped]?.[1]();
}

function about({ config, holder }: { config: PhoneConfig; holder: Holder }): string {
  return [
    "这是浏览器里的模拟手机，不是微信。",
    `AppID：${config.app_id}`,
    `版本：${config.env_version}`,
    `用户：${holder.user}`,
    `设备：${holder.device}`,
  ].join("\n");
}
