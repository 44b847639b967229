/**
 * A code of `wx.login` for linking this WeChat to an account that another way opened: the only
 * code that a page fetches. Every login's code, and every proof's, the SDK fetches itself.
 */
export function freshCode(): Promise<string> {
  return new Promise((resolve, reject) => {
    wx.login({ success: ({ code }) => resolve(code), fail: reject });
  });
}
