import { hoverProperties } from "../host/attributes";
import type { BuiltIn, BuiltInElement } from "../host/built_in";
import { notice } from "./notice";
import { anything, number, role, string } from "./properties";

type Go = (self: BuiltInElement, url: string) => Promise<unknown>;

const WAYS: Record<string, { api: string; go: Go }> = {
  navigate: { api: "navigateTo", go: (self, url) => self.host.navigateTo(url) },
  redirect: { api: "redirectTo", go: (self, url) => self.host.redirectTo(url) },
  switchTab: { api: "switchTab", go: (self, url) => self.host.switchTab(url) },
  reLaunch: { api: "reLaunch", go: (self, url) => self.host.reLaunch(url) },
  navigateBack: {
    api: "navigateBack",
    go: (self) => self.host.navigateBack(Number(self.get("delta"))),
  },
};

export const navigator: BuiltIn = {
  tag: "navigator",
  properties: {
    ...hoverProperties("navigator-hover", 50, 600),
    ...role("link"),
    target: string("self"),
    url: string(),
    openType: string("navigate"),
    delta: number(1),
    appId: string(),
    path: string(),
    extraData: anything({}),
    version: string("release"),
    shortLink: string(),
  },
  mount(self) {
    self.element.tabIndex = 0;
    self.onTap(() => void follow(self));
    return undefined;
  },
};

async function follow(self: BuiltInElement): Promise<void> {
  const way = WAYS[String(self.get("openType"))];
  if (self.get("target") === "miniProgram" || !way) {
    notice(self, "这里会打开另一个小程序，或退出这个小程序。模拟手机做不到。");
    return;
  }
  let errMsg = `${way.api}:ok`;
  try {
    await way.go(self, String(self.get("url")));
  } catch (error) {
    errMsg = `${way.api}:fail ${error instanceof Error ? error.message : error}`;
    console.error(errMsg);
  }
  self.fire(errMsg.endsWith(":ok") ? "success" : "fail", { errMsg });
  self.fire("complete", { errMsg });
}
