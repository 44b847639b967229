import type { AuthError } from "wxlogin";
import { auth } from "./auth";
import { isHomeOnTop, open, openHome, openNotice } from "./navigation";
import { noteTicket } from "./registration";
import { type Fault, faultOf } from "./rules/faults";
import { type PagePath, paths } from "./rules/paths";

/** The codes that have a page of their own. */
const PAGES: Record<string, PagePath> = {
  registration_required: paths.registerMobile,
  account_pending: paths.registerStatus,
  account_rejected: paths.registerStatus,
  account_erasing: paths.restore,
  account_disabled: paths.notice,
  registration_closed: paths.notice,
  wechat_blocked: paths.notice,
  app_misconfigured: paths.notice,
};

/** What stands between this person and his account. */
let standing: Fault | null = null;
let onlyEnterprises = false;

/** The one place where what the SDK tells becomes a page. Called once, at launch. */
export function followAuth(): void {
  auth.on("signedIn", () => {
    standing = null;
  });
  auth.on("registrationRequired", ({ methods }) => {
    noteTicket();
    onlyEnterprises = !methods.includes("mobile");
    stand({
      code: "registration_required",
      kind: "waiting",
      title: "还没有账号",
      message: onlyEnterprises ? "提交企业资料，审核后即可登录。" : "验证手机号，一分钟完成注册。",
      notes: [],
    });
  });
  auth.on("pending", ({ error }) => lead(error));
  auth.on("phoneRequired", () => open(paths.phone));
  auth.on("signedOut", ({ action, error }) => {
    // A kicked phone shows its home page with the reason on it, and stays out until a tap.
    if (action === "ask" && !isHomeOnTop()) openHome();
    if (action === "stop" && error !== null) lead(error);
  });
}

/** Brings a person to the page that an error has, where it has one. */
export function lead(error: AuthError): void {
  if (error.code in PAGES && error.code !== "registration_required") stand(faultOf(error));
}

/** The person has done what was asked. */
export function forgetStanding(): void {
  standing = null;
}

export function standingFault(): Fault | null {
  return standing;
}

export function openStanding(): void {
  if (standing === null) return;
  const page = PAGES[standing.code];
  if (page === paths.notice) openNotice(standing);
  else if (page === paths.registerMobile && onlyEnterprises) open(paths.registerEnterprise);
  else if (page !== undefined) open(page);
}

/** Nothing opens over a guest's head on the home page: it shows this, and a button. */
function stand(fault: Fault): void {
  standing = fault;
  if (!isHomeOnTop()) openStanding();
}
