import { AuthError } from "wxlogin";
import { lead } from "./reactions";
import { type Fault, faultOf } from "./rules/faults";

interface ActingPage {
  data: { busy: boolean; fault: Fault | null };
  setData(data: { busy?: boolean; fault?: Fault | null }): void;
}

interface LoadingPage {
  data: { loading: boolean; loadFault: Fault | null };
  setData(data: { loading?: boolean; loadFault?: Fault | null }): void;
}

/** Does what a tap asked for, one at a time: a second tap meanwhile is the same wish. True: it worked. */
export async function act(page: ActingPage, work: () => Promise<unknown>): Promise<boolean> {
  if (page.data.busy) return false;
  page.setData({ busy: true, fault: null });
  const fault = await outcome(work);
  page.setData({ busy: false, fault });
  return fault === null;
}

/** Fetches what a page shows. */
export async function load(page: LoadingPage, work: () => Promise<unknown>): Promise<void> {
  page.setData({ loading: true, loadFault: null });
  const loadFault = await outcome(work);
  page.setData({ loading: false, loadFault });
}

async function outcome(work: () => Promise<unknown>): Promise<Fault | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof AuthError) lead(error);
    return faultOf(error);
  }
}

/** WeChat's own dialog: true where the person said yes. Its button holds four characters. */
export function confirmed(o: {
  title: string;
  content: string;
  yes: string;
  danger?: boolean;
}): Promise<boolean> {
  return new Promise((resolve) => {
    wx.showModal({
      title: o.title,
      content: o.content,
      confirmText: o.yes,
      confirmColor: o.danger ? "#fa5151" : "#07c160",
      success: ({ confirm }) => resolve(confirm),
      fail: () => resolve(false),
    });
  });
}

export function toast(title: string): void {
  wx.showToast({ title, icon: "none", duration: 2000 });
}
