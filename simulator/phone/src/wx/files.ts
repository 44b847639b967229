/** The files of the mini program, in memory: `http://tmp/…` made by WeChat, `http://usr/…` made by the mini program. */

import { WxFailure } from "./calling";

export const USER_DATA_PATH = "http://usr";
const TEMPORARY = "http://tmp";

export type File = { bytes: Uint8Array<ArrayBuffer>; type: string };

const EXTENSIONS: Record<string, string> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/svg+xml": "svg",
  "application/json": "json",
  "application/pdf": "pdf",
  "text/plain": "txt",
};

export class Files {
  private readonly files = new Map<string, File>();
  private readonly folders = new Set<string>([USER_DATA_PATH]);
  private readonly addresses = new Map<string, string>();

  /** Keeps a temporary file under a path nobody can guess. */
  add(bytes: Uint8Array<ArrayBuffer>, type: string): string {
    const name = crypto.getRandomValues(new Uint32Array(4)).join("");
    const path = `${TEMPORARY}/${name}.${extensionOf(type)}`;
    this.files.set(path, { bytes, type });
    return path;
  }

  async addBlob(blob: Blob): Promise<string> {
    return this.add(new Uint8Array(await blob.arrayBuffer()), blob.type);
  }

  has(path: string): boolean {
    return this.files.has(path);
  }

  isFolder(path: string): boolean {
    return this.folders.has(withoutSlash(path));
  }

  read(path: string): File {
    const file = this.files.get(path);
    if (!file) throw missing(path);
    return file;
  }

  write(path: string, file: File): void {
    if (!path.startsWith(`${USER_DATA_PATH}/`)) throw denied(path);
    if (!this.isFolder(parentOf(path))) throw missing(path);
    if (this.isFolder(path)) {
      throw new WxFailure(`illegal operation on a directory, open "${path}"`);
    }
    this.forget(path);
    this.files.set(path, file);
  }

  remove(path: string): void {
    if (this.isFolder(path)) throw new WxFailure(`operation not permitted, unlink "${path}"`);
    this.read(path);
    this.forget(path);
    this.files.delete(path);
  }

  makeFolder(given: string, recursive: boolean): void {
    const path = withoutSlash(given);
    if (!path.startsWith(`${USER_DATA_PATH}/`)) throw denied(path);
    if (this.isFolder(path) || this.has(path)) {
      if (recursive && this.isFolder(path)) return;
      throw new WxFailure(`file already exists ${path}`, { errno: 1301005 });
    }
    const parent = parentOf(path);
    if (!this.isFolder(parent)) {
      if (!recursive) throw missing(path);
      this.makeFolder(parent, true);
    }
    this.folders.add(path);
  }

  removeFolder(given: string, recursive: boolean): void {
    const path = withoutSlash(given);
    if (!this.isFolder(path)) throw missing(path);
    if (path === USER_DATA_PATH) throw denied(path);
    const inside = [...this.files.keys(), ...this.folders].filter((one) =>
      one.startsWith(`${path}/`),
    );
    if (inside.length > 0 && !recursive) throw new WxFailure("directory not empty");
    for (const one of inside) {
      this.forget(one);
      this.files.delete(one);
      this.folders.delete(one);
    }
    this.folders.delete(path);
  }

  list(given: string): string[] {
    const path = withoutSlash(given);
    if (!this.isFolder(path)) throw missing(path);
    return [...this.files.keys(), ...this.folders]
      .filter((one) => parentOf(one) === path)
      .map((one) => one.slice(path.length + 1));
  }

  /** An address `<img>` can show. */
  addressOf(path: string): string | undefined {
    const file = this.files.get(path);
    if (!file) return undefined;
    let address = this.addresses.get(path);
    if (address === undefined) {
      address = URL.createObjectURL(new Blob([file.bytes], { type: file.type }));
      this.addresses.set(path, address);
    }
    return address;
  }

  private forget(path: string): void {
    const address = this.addresses.get(path);
    if (address !== undefined) URL.revokeObjectURL(address);
    this.addresses.delete(path);
  }
}

export function missing(path: string): WxFailure {
  return new WxFailure(`no such file or directory "${path}"`, { errno: 1300002 });
}

function denied(path: string): WxFailure {
  return new WxFailure(`permission denied, open "${path}"`, { errno: 1300013 });
}

function extensionOf(type: string): string {
  return EXTENSIONS[type.split(";")[0] ?? ""] ?? "unknown";
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
