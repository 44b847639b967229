import type { AuthError } from "./errors";
import type { MinWx } from "./wx";

/** What a refusal asks of the app: `again` was tried already where you see it; `ask`: show why, log
 * in on a tap; `new_code`: tried already; `new_tap`: the person taps once more; `wait`: later. */
export type Action = "again" | "ask" | "new_code" | "new_tap" | "stop" | "wait";

/** `required` (default): logs in where needed; `optional`: with a token where there is one;
 * `none`: never with one. */
export type AuthMode = "required" | "optional" | "none";

export interface AuthOptions {
  /** Where the wxlogin server is; one for all, or by `envVersion` (a missing one: `release`). */
  baseURL: string | { develop?: string; trial?: string; release: string };
  /** Default: the mini program's own. */
  appId?: string;
  /** How the end of a login is learnt: from the server's answer (default), or from
   * `wx.checkSession` once per life of the app. */
  strategy?: "server" | "checkSession";
  /** Default: the global `wx`. */
  wx?: MinWx;
  /** Shown in the person's list of devices. Default: brand, model and platform. */
  device?: { name?: string; platform?: string };
  /** Further origins that may receive the token, as `https://api.example.com`. */
  trustedOrigins?: string[];
  /** Headers added to every request. */
  header?: () => Record<string, string>;
  /** Sent with every login and registration (inviter, channel, scene), at most 1 KiB. */
  context?: () => Record<string, unknown>;
  /** Default true; false: never logs in without a tap. */
  silentLogin?: boolean;
  /** Milliseconds for a request; default 15000. An upload or download has WeChat's own limit. */
  timeout?: number;
  /** Language of the server's texts; default `zh`. */
  language?: "zh" | "en";
  /** Requests, uploads and downloads at a time; default 10, which is WeChat's limit. */
  maxConnections?: number;
}

export interface Account {
  id: string;
  /** The key of your own server for this person, where it gave one. */
  userId: string | null;
  nickname: string | null;
  /** Whole where the server knows its own address (`WXLOGIN_PUBLIC_URL`), else a path of it. */
  avatarUrl: string | null;
  /** Masked: `138****6666`. */
  phone: string | null;
  status: string;
  createdAt: string;
  identities: { appId: string; linkedAt: string }[];
}

export interface LoginResult {
  account: Account;
  isNewAccount: boolean;
  sessionId: string;
  /** Seconds to the absolute limit. */
  expiresIn: number;
  /** Seconds until it ends if it is not used. */
  idleExpiresIn: number;
}

export interface Device {
  id?: string | null;
  name?: string | null;
  platform?: string | null;
}

export interface Session {
  sessionId: string;
  device: Device | null;
  createdAt: string;
  lastSeenAt: string;
  current: boolean;
}

export interface Application {
  applicationId: string;
  status: "pending" | "approved" | "rejected";
  reason?: string;
}

export interface Agreement {
  id: string;
  version: string;
}

/** `e.detail` of `<button open-type="getPhoneNumber">`, or the event itself. */
export type PhoneButton = PhoneDetail | { detail: PhoneDetail };

export interface PhoneDetail {
  errMsg?: string;
  errno?: number;
  code?: string;
  encryptedData?: string;
  iv?: string;
}

export interface Phone {
  /** Masked: `138****6666`. */
  phone: string;
  countryCode: string;
}

/** Who asks, before a sensitive act. None given: a fresh code of `wx.login`. */
export type Proof = { currentPassword: string } | { verificationCode: string };

export type Purpose = "login" | "register" | "link" | "reset" | "proof";

export interface AuthEvents {
  signedIn: { account: Account; isNewAccount: boolean; how: "silent" | "tap" };
  signedOut: {
    code: string;
    reason?: string | undefined;
    device?: Device | undefined;
    action: Action;
    error: AuthError | null;
  };
  registrationRequired: {
    ticket: string;
    expiresIn: number;
    methods: ("mobile" | "enterprise")[];
  };
  pending: {
    code: "account_pending" | "account_rejected";
    reason?: string | undefined;
    error: AuthError;
  };
  phoneRequired: { error: AuthError };
}

export interface RequestTask {
  abort(): void;
}

export interface TransferTask extends RequestTask {
  onProgressUpdate(listener: (progress: { progress: number }) => void): void;
}

export interface SocketTask {
  send(options: { data: string | ArrayBuffer }): void;
  close(options: { code?: number; reason?: string }): void;
  onOpen(listener: (opened: object) => void): void;
  onMessage(listener: (message: { data: string | ArrayBuffer }) => void): void;
  onClose(listener: (closed: { code: number; reason: string }) => void): void;
  onError(listener: (error: { errMsg: string }) => void): void;
}

interface Call<Task> {
  auth?: AuthMode | undefined;
  header?: Record<string, string> | undefined;
  timeout?: number | undefined;
  /** Gets the task, to abort it or to follow its progress; once more where the call is repeated. */
  onTask?: ((task: Task) => void) | undefined;
  /** Every further option of the `wx` function goes along. */
  [option: string]: unknown;
}

/** Options of `wx.request`; `url` absolute, or relative to `baseURL`. */
export interface RequestOptions extends Call<RequestTask> {
  url: string;
  method?: "OPTIONS" | "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "TRACE" | "CONNECT" | undefined;
  data?: string | object | ArrayBuffer | undefined;
}

export interface UploadOptions extends Call<TransferTask> {
  url: string;
  filePath: string;
  name: string;
  formData?: object | undefined;
}

export interface DownloadOptions extends Call<TransferTask> {
  url: string;
  filePath?: string | undefined;
}

export interface SocketOptions extends Call<SocketTask> {
  url: string;
  protocols?: string[] | undefined;
}

/** Options of `wx.cloud.callContainer`. */
export interface ContainerOptions extends Call<unknown> {
  path: string;
  method?: string | undefined;
  data?: unknown;
}

/** As `wx.request` answers: whatever the HTTP status. */
export interface Response<T> {
  data: T;
  statusCode: number;
  header: Record<string, string>;
}

export interface DownloadResponse {
  tempFilePath: string;
  filePath?: string;
  statusCode: number;
  header?: Record<string, string>;
}

export interface Auth {
  /** As the server last told; null when signed out. */
  readonly account: Account | null;
  /** A token is held, and it is not known to be over. */
  readonly isSignedIn: boolean;
  /** Why no silent login may happen (kicked, logged out, …); null: it may. */
  readonly hold: AuthError | null;
  /** This phone's application for an enterprise account, as last known. */
  readonly application: Application | null;

  /** Sent with later logins and registrations. */
  setAgreements(agreements: Agreement[]): void;
  /** Returns what takes the listener off again. */
  on<E extends keyof AuthEvents>(event: E, listener: (fact: AuthEvents[E]) => void): () => void;

  /** For `App.onLaunch` and `onShow`: signs in without a word where it may. Rejects only where
   * nothing was reached. */
  start(): Promise<Account | null>;
  /** Each of these is a person's act: call it from a tap. */
  login(): Promise<LoginResult>;
  loginByPhone(tapped: PhoneButton): Promise<LoginResult>;
  loginByPassword(by: {
    username: string;
    password: string;
    linkWeChat?: boolean | undefined;
  }): Promise<LoginResult>;
  /** `linkWeChat`: default true. */
  loginBySms(by: {
    phone: string;
    verificationCode: string;
    linkWeChat?: boolean | undefined;
  }): Promise<LoginResult>;
  /** `ticket`: default the one of the last `registrationRequired`. */
  registerMobile(by: {
    phone?: string | undefined;
    verificationCode?: string | undefined;
    ticket?: string | undefined;
    username?: string | undefined;
    password?: string | undefined;
    nickname?: string | undefined;
  }): Promise<LoginResult>;
  registerEnterprise(by: {
    companyName: string;
    creditCode: string;
    contactName: string;
    username: string;
    password: string;
    phone?: string | undefined;
    verificationCode?: string | undefined;
    ticket?: string | undefined;
  }): Promise<Application>;
  refreshApplication(): Promise<Application>;
  /** Takes an erasure back; by WeChat where nothing is given. */
  restore(
    by?: { username: string; password: string } | { phone: string; verificationCode: string },
  ): Promise<LoginResult>;
  sendCode(to: {
    phone: string;
    purpose: Purpose;
  }): Promise<{ resendIn: number; expiresIn: number }>;
  resetPassword(by: {
    phone: string;
    verificationCode: string;
    newPassword: string;
  }): Promise<void>;

  request<T = unknown>(options: RequestOptions): Promise<Response<T>>;
  uploadFile<T = unknown>(options: UploadOptions): Promise<Response<T>>;
  downloadFile(options: DownloadOptions): Promise<DownloadResponse>;
  /** Resolves once the socket is open. */
  connectSocket(options: SocketOptions): Promise<SocketTask>;
  callContainer<T = unknown>(options: ContainerOptions): Promise<Response<T>>;
  /** Gives a request function of your own the login, the token and one repeat. `signedOut` looks at
   * an answer, or at what the function rejected with, and says whether the login is over: the
   * server's code, or true. */
  wrap<O extends object, R>(
    request: (options: O) => Promise<R>,
    options: { signedOut(answer: R): unknown },
  ): (options: O & { auth?: AuthMode | undefined }) => Promise<R>;

  me(): Promise<Account>;
  setNickname(nickname: string): Promise<Account>;
  uploadAvatar(filePath: string): Promise<{ avatarUrl: string }>;
  bindPhone(tapped: PhoneButton, proof?: Proof): Promise<Phone>;
  bindPhoneBySms(by: { phone: string; verificationCode: string }, proof?: Proof): Promise<Phone>;
  setPassword(
    to: { username?: string | undefined; newPassword: string },
    proof?: Proof,
  ): Promise<void>;
  linkIdentity(identity: { appId: string; code: string }, proof?: Proof): Promise<Account>;
  unlinkIdentity(identity: { appId: string }, proof?: Proof): Promise<void>;
  /** A code to read out to the support. */
  supportCode(): Promise<{ code: string; expiresIn: number }>;
  sessions(): Promise<Session[]>;
  endSession(sessionId: string): Promise<void>;
  endOtherSessions(): Promise<void>;
  /** Signs out here whatever the network says. */
  logout(): Promise<void>;
  /** Everything the server keeps about the person; its fields in camelCase. */
  exportData(proof?: Proof): Promise<unknown>;
  /** Signs out here; until `eraseAt` `restore` takes it back. */
  erase(proof?: Proof): Promise<{ eraseAt: string }>;
  /** Whether WeChat still honours the session_key that the server holds. */
  checkWeChatSession(): Promise<"valid" | "expired">;
}
