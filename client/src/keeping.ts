import type { App } from "./app";
import { AuthError } from "./errors";
import type { Account, Agreement, Application } from "./types";
import type { MinWx } from "./wx";

/** What the phone keeps over restarts. */
export interface Kept {
  /** Whose record it is; another app's is nobody's. */
  of: string;
  deviceId: string;
  /** With a token come the account it is for, this phone's clock when it came, and the seconds it
   * may live: 0 once the server has said that it is over. */
  token?: string | null;
  account: Account | null;
  at?: number;
  life?: number;
  /** A login without a tap leads to the same account: this one came through WeChat. */
  byWeChat?: boolean;
  /** Why nobody may log in without a tap. */
  hold: AuthError | null;
  agreements?: Agreement[];
  application: Application | null;
}

export const save = ({ wx, place, kept }: App): void => {
  try {
    wx.setStorageSync(place, kept);
  } catch {
    try {
      // A full disk; and yesterday's token is worse than none.
      wx.removeStorageSync(place);
    } catch {
      // Goes on in memory.
    }
  }
};

export const readKept = (wx: MinWx, place: string): Kept => {
  try {
    const found = wx.getStorageSync(place) as Kept;
    if (isSound(found, place)) {
      const { hold } = found;
      if (hold) found.hold = new AuthError(hold.code, hold.status, hold);
      return found;
    }
    wx.removeStorageSync(place);
  } catch {
    // Storage that cannot be read is empty.
  }
  return {
    of: place,
    deviceId: `${Date.now()}${Math.random()}`,
    account: null,
    hold: null,
    application: null,
  };
};

/** Nothing is believed that the SDK would stumble over later: anybody can write there. */
const isSound = ({ of, token, account, at, life, agreements = [] }: Kept, place: string): unknown =>
  of === place &&
  Array.isArray(agreements) &&
  (!token ||
    (/^[!-~]+$/.test(token) && (at as number) + (life as number) >= 0 && Object(account).id));
