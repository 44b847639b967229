/** The pages of this mini program, and nothing else a person can be sent to. */

export const paths = {
  home: "/pages/home/home",
  login: "/pages/login/login",
  reset: "/pages/reset/reset",
  registerMobile: "/pages/register/mobile",
  registerEnterprise: "/pages/register/enterprise",
  registerStatus: "/pages/register/status",
  profile: "/pages/profile/index",
  phone: "/pages/profile/phone",
  password: "/pages/profile/password",
  wechat: "/pages/profile/wechat",
  devices: "/pages/profile/devices",
  export: "/pages/profile/export",
  close: "/pages/profile/close",
  restore: "/pages/account/restore",
  agreement: "/pages/agreement/agreement",
  strategy: "/pages/strategy/strategy",
  notice: "/pages/notice/notice",
} as const;

export type PagePath = (typeof paths)[keyof typeof paths];

/** Where one may return to after a login: pages that stand by themselves. */
const RETURNS: readonly string[] = [
  paths.profile,
  paths.phone,
  paths.password,
  paths.wechat,
  paths.devices,
  paths.export,
  paths.close,
  paths.strategy,
];

/**
 * The page to return to, as it came in a query that anybody can write (a shared link, a QR code):
 * exactly one of our own paths, or `null`. A prefix test would let `/pages/profile/index?…` carry
 * a query of a stranger's making into a page.
 */
export function returnPath(text: string | undefined): PagePath | null {
  if (text === undefined) return null;
  return RETURNS.includes(text) ? (text as PagePath) : null;
}

/** The path as `page.route` tells it: without the leading slash. */
export function isAt(route: string | undefined, path: PagePath): boolean {
  return `/${route ?? ""}` === path;
}
