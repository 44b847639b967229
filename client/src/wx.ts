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
  login(options: WxCallbacks<{ code: string }>): unknown;
  checkSession(options: WxCallbacks<WxFailure>): unknown;
  request(options: { url: string } & WxCallbacks<{ statusCode: number }>): unknown;
  uploadFile(
    options: { url: string; filePath: string; name: string } & WxCallbacks<{ statusCode: number }>,
  ): unknown;
  downloadFile(options: { url: string } & WxCallbacks<{ statusCode: number }>): unknown;
  connectSocket(options: { url: string }): unknown;
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
  removeStorageSync(key: string): void;
  getAccountInfoSync(): { miniProgram: { appId: string; envVersion?: string } };
  getDeviceInfo?(): { brand?: string; model?: string; platform?: string };
  getSystemInfoSync(): { brand?: string; model?: string; platform?: string };
  cloud?: unknown;
}

/** The part of `wx` that asks for consent to the privacy policy (base library 2.32.3). */
export interface PrivacyWx {
  getPrivacySetting?(
    options: WxCallbacks<{ needAuthorization: boolean; privacyContractName: string }>,
  ): unknown;
  /** Its listener is typed in as many ways as there are typings. */
  onNeedPrivacyAuthorization?(listener: never): unknown;
  openPrivacyContract?(options: WxCallbacks<WxFailure>): unknown;
}
