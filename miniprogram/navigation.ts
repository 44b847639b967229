import { auth } from "./auth";
import type { Fault } from "./rules/faults";
import { isAt, type PagePath, paths, returnPath } from "./rules/paths";

let opening: PagePath | null = null;
let told: Fault | null = null;

/** Opens a page once, however many requests at the same moment ask for it. */
export function open(path: PagePath): void {
  if (opening === path || isAt(topRoute(), path)) return;
  opening = path;
  wx.navigateTo({
    url: path,
    // Ten pages are WeChat's limit: then the one on top gives way.
    fail: () => wx.redirectTo({ url: path }),
    complete: () => {
      opening = null;
    },
  });
}

export function openHome(): void {
  wx.reLaunch({ url: paths.home });
}

/** The page that tells a state in full. The fault goes by memory: a URL can be shared, and be made up. */
export function openNotice(fault: Fault): void {
  told = fault;
  open(paths.notice);
}

export function noticeToShow(): Fault | null {
  return told;
}

/** For pages that are about an account: whoever has none goes to the login page and comes back. */
export function isSignedInOrSent(here: PagePath): boolean {
  if (auth.isSignedIn) return true;
  wx.redirectTo({ url: `${paths.login}?from=${here}` });
  return false;
}

/** After a login: to the page that sent the person, else one page back, else home. */
export function leaveLogin(from: string | undefined): void {
  const path = returnPath(from);
  if (path !== null) wx.redirectTo({ url: path });
  else goBack();
}

export function goBack(): void {
  if (getCurrentPages().length > 1) wx.navigateBack();
  else openHome();
}

export function isHomeOnTop(): boolean {
  return isAt(topRoute(), paths.home);
}

function topRoute(): string | undefined {
  const pages = getCurrentPages();
  return pages[pages.length - 1]?.route;
}
