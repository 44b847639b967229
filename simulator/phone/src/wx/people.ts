/** What WeChat tells of the person, and what the person allows: `getUserInfo`, `getSetting`, `authorize` and their like. */

import type { Shell } from "../host/ports";
import { type Calls, type Result, type Wx, WxFailure } from "./calling";
import { isRecord, textOf } from "./parameters";
import type { Privacy } from "./privacy";
import type { Sim } from "./sim";

const USER_INFO = "scope.userInfo";
const SCOPES = [
  USER_INFO,
  "scope.userLocation",
  "scope.userFuzzyLocation",
  "scope.record",
  "scope.camera",
  "scope.bluetooth",
  "scope.writePhotosAlbum",
  "scope.addPhoneContact",
  "scope.addPhoneCalendar",
  "scope.werun",
];
const DESCRIPTION_LIMIT = 30;

export class People {
  constructor(
    private readonly sim: Sim,
    private readonly shell: Shell,
    private readonly privacy: Privacy,
    private readonly isTapped: () => boolean,
  ) {}

  functions(calls: Calls): Wx {
    return calls.defineTold({
      getUserInfo: () => this.userInfo(),
      getUserProfile: (o) => this.userProfile(textOf(o, "desc")),
      getSetting: async () => ({ authSetting: await this.settings() }),
      openSetting: () => this.openSetting(),
      authorize: (o) => this.authorize(textOf(o, "scope")),
    });
  }

  async userInfo(): Promise<Result> {
    await this.privacy.require("getUserInfo");
    return this.sim.ask("getUserInfo");
  }

  async openSetting(): Promise<Result> {
    const before = await this.settings();
    const after = await this.shell.askSettings(before);
    for (const [scope, isAllowed] of Object.entries(after)) {
      if (before[scope] !== isAllowed) await this.answer(scope, isAllowed);
    }
    return { authSetting: after };
  }

  private async userProfile(description: string): Promise<Result> {
    if (!this.isTapped()) throw new WxFailure("can only be invoked by user TAP gesture.");
    if (description === "" || description.length > DESCRIPTION_LIMIT) {
      throw new WxFailure("desc length does not meet the requirements");
    }
    await this.privacy.require("getUserProfile");
    // Taken back in 2022: grey avatar and 微信用户, with no question asked.
    const { errMsg: _, ...info } = await this.sim.ask("getUserInfo");
    return info;
  }

  private async authorize(scope: string): Promise<void> {
    if (!SCOPES.includes(scope)) throw new WxFailure(`invalid scope "${scope}"`);
    if (scope === USER_INFO) return this.answer(scope, true);
    const known = (await this.settings())[scope];
    const isAllowed = known ?? (await this.shell.askAuthorize(scope));
    if (known === undefined) await this.answer(scope, isAllowed);
    if (!isAllowed) throw new WxFailure("auth deny", { errno: 103 });
  }

  private async answer(scope: string, isAllowed: boolean): Promise<void> {
    await this.sim.askRaw("authorize", { scope, answer: isAllowed ? "allow" : "deny" });
  }

  private async settings(): Promise<Record<string, boolean>> {
    const { authSetting } = await this.sim.ask("getSetting");
    return isRecord(authSetting) ? (authSetting as Record<string, boolean>) : {};
  }
}
