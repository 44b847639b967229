/** Components of WeChat that this phone does not have: a page with one still runs, and says so. */

import type { BuiltIn } from "../host/built_in";
import { string } from "./properties";

const TAGS = [
  "ad",
  "ad-custom",
  "audio",
  "camera",
  "canvas",
  "channel-live",
  "channel-video",
  "editor",
  "functional-page-navigator",
  "live-player",
  "live-pusher",
  "map",
  "movable-area",
  "movable-view",
  "official-account",
  "official-account-publish",
  "open-data",
  "store-home",
  "store-product",
  "video",
  "voip-room",
  "web-view",
];

export const absent: BuiltIn[] = TAGS.map((tag) => ({
  tag,
  properties: { src: string(), type: string() },
  mount(self) {
    const box = document.createElement("div");
    box.className = "built-in-absent";
    const name = document.createElement("b");
    name.textContent = `<${tag}>`;
    box.append(name, "此模拟手机没有这个组件");
    self.element.prepend(box);
    return undefined;
  },
}));
