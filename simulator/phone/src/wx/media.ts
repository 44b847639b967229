/** Pictures: choosing, looking at them, keeping them. */

import type { Shell } from "../host/ports";
import { type Calls, type Given, type Result, type Wx, WxFailure } from "./calling";
import type { Files } from "./files";
import { numberOr, textOf, textOr } from "./parameters";
import type { Privacy } from "./privacy";

export class Media {
  constructor(
    private readonly shell: Shell,
    private readonly files: Files,
    private readonly privacy: Privacy,
    private readonly resolveImage: (path: string) => string,
  ) {}

  /** `null` where the person closed the sheet. */
  async chooseAvatar(): Promise<{ avatarUrl: string } | null> {
    await this.privacy.require("chooseAvatar");
    const picture = await this.shell.askAvatar();
    return picture && { avatarUrl: await this.files.addBlob(picture) };
  }

  functions(calls: Calls): Wx {
    return calls.define({
      chooseImage: (o) => this.chooseImage(o),
      chooseMedia: (o) => this.chooseMedia(o),
      previewImage: async (o) => {
        const urls = Array.isArray(o.urls) ? o.urls.map(String) : [];
        const current = textOr(o, "current", urls[0] ?? "");
        await this.shell.showImage(this.resolveImage(current));
      },
      getImageInfo: async (o) => {
        const path = textOf(o, "src");
        const size = await sizeOf(this.resolveImage(path));
        return { path, ...size, orientation: "up", type: path.split(".").pop() ?? "unknown" };
      },
      saveImageToPhotosAlbum: async (o) => {
        const path = textOf(o, "filePath");
        this.files.read(path);
        await this.privacy.require("saveImageToPhotosAlbum");
        this.shell.showToast({ title: "已保存到相册", icon: "success", duration: 1500 });
      },
    });
  }

  private async choose(name: string, options: Given, most: number): Promise<Picked[]> {
    await this.privacy.require(name);
    const pictures = await this.shell.askPictures({ count: numberOr(options, "count", most) });
    if (pictures.length === 0) throw new WxFailure("cancel", { errno: 1 });
    return Promise.all(
      pictures.map(async (blob) => ({ path: await this.files.addBlob(blob), size: blob.size })),
    );
  }

  private async chooseImage(options: Given): Promise<Result> {
    const tempFiles = await this.choose("chooseImage", options, 9);
    return { tempFilePaths: tempFiles.map((file) => file.path), tempFiles };
  }

  private async chooseMedia(options: Given): Promise<Result> {
    const picked = await this.choose("chooseMedia", options, 9);
    const tempFiles = picked.map(({ path, size }) => ({
      tempFilePath: path,
      size,
      fileType: "image",
    }));
    return { tempFiles, type: "image" };
  }
}

type Picked = { path: string; size: number };

async function sizeOf(address: string): Promise<{ width: number; height: number }> {
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
  } catch {
    throw new WxFailure("image not found");
  }
  return { width: image.naturalWidth, height: image.naturalHeight };
}
