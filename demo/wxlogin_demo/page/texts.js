/** Every text of the page, but those of the levers and of what happens: the server tells these. */

export const TEXTS = {
  title: { zh: "一次完整的微信小程序登录", en: "A whole WeChat Mini Program login" },
  simulated: { zh: "模拟，非微信 Simulated", en: "Simulated, not WeChat 模拟" },
  lead: {
    zh: "在左边的手机上点；右边看每一步发生了什么、线上传了什么。",
    en: "Tap on the phone; see what happens at each step, and what crosses the wire.",
  },
  language: { zh: "English", en: "中文" },
  phones: { zh: "手机", en: "Phones" },
  steps: { zh: "登录十步", en: "The ten steps" },
  levers: { zh: "操纵杆", en: "Levers" },
  wire: { zh: "线上传了什么", en: "What crossed the wire" },
  wireEmpty: { zh: "还没有请求：在手机上点“登录”。", en: "Nothing yet: tap “登录” on the phone." },
  clear: { zh: "清空列表", en: "Clear the list" },
  close: { zh: "收起这部手机", en: "Put this phone away" },
  actsOn: { zh: "作用于", en: "Acts on" },
  now: { zh: "演示的时间", en: "The demo's time" },
  docs: { zh: "接口文档", en: "API docs" },
  terminal: { zh: "终端", en: "terminal" },
  gone: {
    zh: "演示已停止，或正在重新连接…… 在终端里运行 wxlogin demo",
    en: "The demo has stopped, or is being reconnected… Run wxlogin demo in a terminal",
  },
  sent: { zh: "发出", en: "Sent" },
  answered: { zh: "回答", en: "Answer" },
  headers: { zh: "请求头", en: "Headers" },
  fault: { zh: "安排的故障", en: "Scripted fault" },
  detail: { zh: "详情", en: "Details" },
  phoneError: { zh: "小程序出错", en: "The mini program failed" },
  sms: { zh: "短信", en: "SMS" },
  idle: { zh: "未到", en: "not yet" },
  active: { zh: "进行中", en: "under way" },
  ok: { zh: "完成", en: "done" },
  failed: { zh: "未通过", en: "failed" },
  failedPull: { zh: "没有做成", en: "It was not done" },
};

/** Where each of the ten steps happens, and what it is. */
export const STEPS = [
  {
    where: { zh: "小程序 → 微信", en: "mini program → WeChat" },
    title: { zh: "wx.login() 得到 code", en: "wx.login() gives a code" },
  },
  {
    where: { zh: "小程序 → 服务器", en: "mini program → server" },
    title: { zh: "wx.request 把 code 交给服务器", en: "wx.request sends the code" },
  },
  {
    where: { zh: "服务器 → 微信", en: "server → WeChat" },
    title: {
      zh: "code + AppID + AppSecret：code2Session",
      en: "code + AppID + AppSecret: code2Session",
    },
  },
  {
    where: { zh: "微信 → 服务器", en: "WeChat → server" },
    title: {
      zh: "返回 openid、session_key、unionid",
      en: "openid, session_key, unionid come back",
    },
  },
  {
    where: { zh: "服务器 ↔ 数据库", en: "server ↔ database" },
    title: { zh: "查找 openid，没有就注册", en: "find the openid, or register it" },
  },
  {
    where: { zh: "服务器", en: "server" },
    title: {
      zh: "密封保存 session_key，不再传输",
      en: "keep session_key, sealed; it travels no more",
    },
  },
  {
    where: { zh: "服务器 → 小程序", en: "server → mini program" },
    title: { zh: "建立会话，返回 token", en: "make a session, answer with its token" },
  },
  {
    where: { zh: "小程序", en: "mini program" },
    title: { zh: "把 token 存入本地缓存", en: "put the token into storage" },
  },
  {
    where: { zh: "小程序 → 服务器", en: "mini program → server" },
    title: { zh: "之后的请求都带上 token", en: "later requests carry the token" },
  },
  {
    where: { zh: "服务器", en: "server" },
    title: {
      zh: "找到会话，比对，验证有效期",
      en: "find the session, compare, check its validity",
    },
  },
];

/** What the page says of the steps that happen on the phone. */
export const NOTES = {
  gotCode: { zh: "code 活 5 分钟，只能用一次", en: "a code lives 5 minutes and works once" },
  noCode: { zh: "没有得到 code", en: "no code came" },
  sendCode: { zh: "只交 code，不交 openid", en: "the code alone, no openid" },
  kept: { zh: "token 在手机里；密钥不在", en: "the token is on the phone; no key is" },
  carries: { zh: "Authorization 里带着 token", en: "the token is in Authorization" },
  unsent: {
    zh: "请求没有发出去，登录状态不变",
    en: "the request did not get out; nobody is signed out",
  },
};
