/** How the mini program learns of its expiry: a word in the phone's storage, read when it starts. */

/** @typedef {import("./phones.js").Phone} Phone */

const KEY = "wxlogin-demo-strategy";
/** What lies in storage for phones: the mini program's, and what WeChat itself remembers. */
const OF_PHONES = /^phone(-memory)?:/;

/**
 * As `wx.setStorage` would have written it.
 * @param {Phone} phone
 * @param {string} strategy
 */
export async function setStrategy(phone, strategy) {
  const answer = await fetch(`/demo/phone/${phone.name}/config.json`);
  const { app_id: appId } = await answer.json();
  const place = `phone:${appId}:${phone.user}:${phone.device}:${KEY}`;
  localStorage.setItem(place, JSON.stringify({ type: "value", value: strategy }));
}

/** What every phone remembers, gone. */
export function emptyPhones() {
  for (const key of Object.keys(localStorage)) {
    if (OF_PHONES.test(key)) localStorage.removeItem(key);
  }
}
