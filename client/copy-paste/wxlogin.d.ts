/*! wxlogin 0.1.0: 微信小程序登录 login for WeChat Mini Programs. Apache-2.0.
 *
 * 复制到小程序里即可使用，不需要 npm：
 * Copy into a mini program and use, no npm needed:
 *
 *   const { createAuth } = require("./wxlogin");
 *   const auth = createAuth({ baseURL: "https://login.example.com" });
 *   auth.request({ url: "/orders" }).then((answer) => console.log(answer.data));
 */
/** The whole login of a mini program: made once, for the whole app. */
export declare const createAuth: (options: AuthOptions) => Auth;
/** What a refusal asks of the app: `again` was tried already where you see it; `ask`: show why, log
 * in on a tap; `new_code`: tried already; `new_tap`: the person taps once more; `wait`: later. */
export type Action = "again" | "ask" | "new_code" | "new_tap" | "stop" | "wait";
/** `required` (default): logs in where needed; `optional`: with a token where there is one;
 * `none`: never with one. */
export type AuthMode = "required" | "optional" | "none";
export interface AuthOptions {
    /** Where the wxlogin server is; one for all, or by `envVersion` (a missing one: `release`). */
    baseURL: string | {
        develop?: string;
        trial?: string;
        release: string;
    };
    /** Default: the mini program's own. */
    appId?: string;
    /** How the end of a login is learnt: from the server's answer (default), or from
     * `wx.checkSession` once per life of the app. */
    strategy?: "server" | "checkSession";
    /** Default: the global `wx`. */
    wx?: MinWx;
    /** Shown in the person's list of devices. Default: brand, model and platform. */
    device?: {
        name?: string;
        platform?: string;
    };
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
    identities: {
        appId: string;
        linkedAt: string;
    }[];
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
export type PhoneButton = PhoneDetail | {
    detail: PhoneDetail;
};
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
export type Proof = {
    currentPassword: string;
} | {
    verificationCode: string;
};
export type Purpose = "login" | "register" | "link" | "reset" | "proof";
export interface AuthEvents {
    signedIn: {
        account: Account;
        isNewAccount: boolean;
        how: "silent" | "tap";
    };
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
    phoneRequired: {
        error: AuthError;
    };
}
export interface RequestTask {
    abort(): void;
}
export interface TransferTask extends RequestTask {
    onProgressUpdate(listener: (progress: {
        progress: number;
    }) => void): void;
}
export interface SocketTask {
    send(options: {
        data: string | ArrayBuffer;
    }): void;
    close(options: {
        code?: number;
        reason?: string;
    }): void;
    onOpen(listener: (opened: object) => void): void;
    onMessage(listener: (message: {
        data: string | ArrayBuffer;
    }) => void): void;
    onClose(listener: (closed: {
        code: number;
        reason: string;
    }) => void): void;
    onError(listener: (error: {
        errMsg: string;
    }) => void): void;
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
    restore(by?: {
        username: string;
        password: string;
    } | {
        phone: string;
        verificationCode: string;
    }): Promise<LoginResult>;
    sendCode(to: {
        phone: string;
        purpose: Purpose;
    }): Promise<{
        resendIn: number;
        expiresIn: number;
    }>;
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
    wrap<O extends object, R>(request: (options: O) => Promise<R>, options: {
        signedOut(answer: R): unknown;
    }): (options: O & {
        auth?: AuthMode | undefined;
    }) => Promise<R>;
    me(): Promise<Account>;
    setNickname(nickname: string): Promise<Account>;
    uploadAvatar(filePath: string): Promise<{
        avatarUrl: string;
    }>;
    bindPhone(tapped: PhoneButton, proof?: Proof): Promise<Phone>;
    bindPhoneBySms(by: {
        phone: string;
        verificationCode: string;
    }, proof?: Proof): Promise<Phone>;
    setPassword(to: {
        username?: string | undefined;
        newPassword: string;
    }, proof?: Proof): Promise<void>;
    linkIdentity(identity: {
        appId: string;
        code: string;
    }, proof?: Proof): Promise<Account>;
    unlinkIdentity(identity: {
        appId: string;
    }, proof?: Proof): Promise<void>;
    /** A code to read out to the support. */
    supportCode(): Promise<{
        code: string;
        expiresIn: number;
    }>;
    sessions(): Promise<Session[]>;
    endSession(sessionId: string): Promise<void>;
    endOtherSessions(): Promise<void>;
    /** Signs out here whatever the network says. */
    logout(): Promise<void>;
    /** Everything the server keeps about the person; its fields in camelCase. */
    exportData(proof?: Proof): Promise<unknown>;
    /** Signs out here; until `eraseAt` `restore` takes it back. */
    erase(proof?: Proof): Promise<{
        eraseAt: string;
    }>;
    /** Whether WeChat still honours the session_key that the server holds. */
    checkWeChatSession(): Promise<"valid" | "expired">;
}
/** Every way a call of this package fails. Its texts may be shown to a person. */
export declare class AuthError extends Error {
    /** The server's symbol; or `network_error`, `timeout`, `http_error`, `login_failed`,
     * `phone_denied`, `phone_no_quota`, `phone_no_permission`, `privacy_denied`,
     * `privacy_undeclared`, `untrusted_origin`. */
    readonly code: string;
    /** 0 where nothing was answered. */
    readonly status: number;
    readonly action: Action;
    readonly title: string;
    /** Seconds. */
    readonly retryAfter?: number;
    readonly requestId?: string;
    constructor(code: string, status?: number, told?: object);
    /** Everything that was told, which is the error's own too: `until`, `reason`, `reasonForUser`,
     * `device`, `eraseAt`, `methods`, `canJoin`, `errors`, `minimum`, … */
    get data(): Record<string, unknown>;
    /** An answer may have a field of that name. */
    set data(_told: Record<string, unknown>);
}
export interface PrivacyAsk {
    /** The function or component that waits for consent. */
    referrer: string;
    /** `buttonId`: the id of the tapped `<button open-type="agreePrivacyAuthorization">`. */
    agree(buttonId: string): void;
    disagree(): void;
}
export interface PrivacyConsent {
    isNeeded(): Promise<{
        needed: boolean;
        contractName: string;
    }>;
    /** Returns what takes the listener off again: WeChat's own dialog does not come back then, and
     * what asks is refused. */
    onAsk(listener: (ask: PrivacyAsk) => void): () => void;
    openContract(): Promise<void>;
}
/** Consent to the privacy policy (用户隐私保护指引): phone and avatar wait for it, a login does not.
 * Where WeChat is too old to ask, nothing needs consent. */
export declare const privacyConsent: ({ wx: host }?: {
    wx?: PrivacyWx;
}) => PrivacyConsent;
/** What the SDK asks of `wx`, as a structure: the official typings, uni-app's and Taro's fit it. */
export interface WxFailure {
    errMsg?: string;
    errno?: number;
}
export interface WxCallbacks<R> {
    success?: (result: R) => void;
    fail?: (why: WxFailure) => void;
}
export interface MinWx {
    login(options: WxCallbacks<{
        code: string;
    }>): unknown;
    checkSession(options: WxCallbacks<WxFailure>): unknown;
    request(options: {
        url: string;
    } & WxCallbacks<{
        statusCode: number;
    }>): unknown;
    uploadFile(options: {
        url: string;
        filePath: string;
        name: string;
    } & WxCallbacks<{
        statusCode: number;
    }>): unknown;
    downloadFile(options: {
        url: string;
    } & WxCallbacks<{
        statusCode: number;
    }>): unknown;
    connectSocket(options: {
        url: string;
    }): unknown;
    getStorageSync(key: string): unknown;
    setStorageSync(key: string, value: unknown): void;
    removeStorageSync(key: string): void;
    getAccountInfoSync(): {
        miniProgram: {
            appId: string;
            envVersion?: string;
        };
    };
    getDeviceInfo?(): {
        brand?: string;
        model?: string;
        platform?: string;
    };
    getSystemInfoSync(): {
        brand?: string;
        model?: string;
        platform?: string;
    };
    cloud?: unknown;
}
/** The part of `wx` that asks for consent to the privacy policy (base library 2.32.3). */
export interface PrivacyWx {
    getPrivacySetting?(options: WxCallbacks<{
        needAuthorization: boolean;
        privacyContractName: string;
    }>): unknown;
    /** Its listener is typed in as many ways as there are typings. */
    onNeedPrivacyAuthorization?(listener: never): unknown;
    openPrivacyContract?(options: WxCallbacks<WxFailure>): unknown;
}
export {};
