import type { FakeServer, Reply } from "./fake_server";

type Callbacks = { success?: (r: object) => void; fail?: (why: object) => void };
type Options = Callbacks & {
  url?: string;
  path?: string;
  method?: string;
  data?: unknown;
  header?: Record<string, string>;
  filePath?: string;
};

const HOST = "https://login.example.com";
const LATENCY = 10;

/** A phone: `wx` with callbacks alone, a storage that outlives an app's life, and things to break. */
export class FakeWx {
  logins = 0;
  checks = 0;
  running = 0;
  most = 0;
  isOffline = false;
  isDiskFull = false;
  checkSessionFails = false;
  loginFails: object | null = null;
  /** Every request with what it carried, other hosts' too. */
  readonly calls: { name: string; url: string; header: Record<string, string>; data: unknown }[] =
    [];
  /** What other hosts answer. */
  elsewhere: Reply = { statusCode: 200, data: "", header: {} };
  /** Without it a download's answer has no header, as on some phones. */
  hasDownloadHeader = true;
  cloud: object;

  constructor(
    readonly server: FakeServer,
    readonly user = "ann",
    readonly storage = new Map<string, unknown>(),
    readonly mini = { appId: "wxapp", envVersion: "release" },
  ) {
    this.cloud = { callContainer: (options: Options) => this.send("callContainer", options) };
  }

  getAccountInfoSync = () => ({ miniProgram: this.mini });
  getDeviceInfo = () => ({ brand: "HUAWEI", model: "Mate 60", platform: "android" });
  getStorageSync = (key: string): unknown => structuredClone(this.storage.get(key)) ?? "";

  setStorageSync = (key: string, value: unknown): void => {
    if (this.isDiskFull) throw new Error("setStorage:fail exceed storage max size 10Mb");
    this.storage.set(key, JSON.parse(JSON.stringify(value)));
  };

  removeStorageSync = (key: string): void => {
    this.storage.delete(key);
  };

  login = (options: Callbacks): void => {
    this.logins++;
    const code = `${this.user}.code-${Math.random()}`;
    const fails = this.loginFails;
    later(() => (fails ? options.fail?.(fails) : options.success?.({ code, errMsg: "login:ok" })));
  };

  checkSession = (options: Callbacks): void => {
    this.checks++;
    const fails = this.checkSessionFails;
    later(() => (fails ? options.fail?.({ errMsg: "checkSession:fail" }) : options.success?.({})));
  };

  request = (options: Options) => this.send("request", options);
  uploadFile = (options: Options) => this.send("uploadFile", options);
  downloadFile = (options: Options) => this.send("downloadFile", options);

  connectSocket = (options: Options) => {
    const heard: Record<string, (fact: object) => void> = {};
    this.note("connectSocket", options);
    const { statusCode } = this.answer({ ...options, method: "GET" });
    later(() => (statusCode < 400 ? heard.open?.({}) : heard.close?.({ code: 1006, reason: "" })));
    return {
      send: () => {},
      close: () => {},
      onOpen: (hear: (fact: object) => void) => {
        heard.open = hear;
      },
      onClose: (hear: (fact: object) => void) => {
        heard.close = hear;
      },
      onError: () => {},
      onMessage: () => {},
    };
  };

  private send(name: string, options: Options) {
    this.note(name, options);
    this.running++;
    this.most = Math.max(this.most, this.running);
    later(() => {
      this.running--;
      if (this.isOffline) return options.fail?.({ errMsg: `${name}:fail net::ERR`, errno: 600001 });
      options.success?.(this.shaped(name, this.answer(options)));
    });
    return { abort: () => {}, onProgressUpdate: () => {} };
  }

  private note(name: string, { url = "", header = {}, data }: Options): void {
    this.calls.push({ name, url, header, data });
  }

  private answer(options: Options): Reply {
    const url = (options.url ?? `${HOST}${options.path}`).replace(/^ws/, "http");
    if (!url.startsWith(`${HOST}/`)) return this.elsewhere;
    const header = options.header ?? {};
    return this.server.answer({
      method: options.method ?? (options.filePath ? "POST" : "GET"),
      path: url.slice(HOST.length),
      body: JSON.parse(JSON.stringify(options.data ?? {})),
      token: header.Authorization?.replace("Bearer ", ""),
      header,
    });
  }

  private shaped(name: string, reply: Reply): object {
    if (name === "uploadFile") return { ...reply, data: JSON.stringify(reply.data) };
    if (name !== "downloadFile") return reply;
    const { statusCode, header } = reply;
    const file = { tempFilePath: "wxfile://tmp", statusCode };
    return this.hasDownloadHeader ? { ...file, header } : file;
  }
}

const later = (run: () => unknown): void => {
  setTimeout(run, LATENCY);
};
