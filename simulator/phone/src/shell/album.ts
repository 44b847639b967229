/** Avatars and pictures: WeChat's own, the album's, the camera's. */

import { titled } from "./consent";
import { openDialog } from "./dialog";
import { button, element } from "./element";
import { showActionSheet } from "./modal";
import type { Paint } from "./pictures";

const ALBUM = [1, 2, 3, 4, 5, 6, 7, 8];

export class Album {
  constructor(
    private readonly phone: HTMLElement,
    private readonly paint: Paint,
    private readonly ownerSeed: number,
  ) {}

  async askAvatar(): Promise<Blob | null> {
    const items = ["用微信头像", "从相册选择", "拍照"];
    switch (await showActionSheet(this.phone, { itemList: items })) {
      case 0:
        return this.paint("portrait", this.ownerSeed);
      case 1:
        return (await this.choose(1))[0] ?? null;
      case 2:
        return this.photograph();
      default:
        return null;
    }
  }

  async askPictures(count: number): Promise<Blob[]> {
    switch (await showActionSheet(this.phone, { itemList: ["拍照", "从相册选择"] })) {
      case 0:
        return [await this.photograph()];
      case 1:
        return this.choose(count);
      default:
        return [];
    }
  }

  async showImage(address: string): Promise<void> {
    await openDialog(
      this.phone,
      { kind: "page", label: "图片", dismissed: undefined },
      (answer) => [
        button(
          { class: "phone-picture-full", label: "关闭图片", onClick: () => answer(undefined) },
          element("img", { attributes: { src: address, alt: "" } }),
        ),
      ],
    );
  }

  /** The camera sees the same meadow every time, a little later. */
  private photograph(): Promise<Blob> {
    return this.paint("landscape", Math.floor(Date.now() / 1000) % 997);
  }

  private async choose(count: number): Promise<Blob[]> {
    const pictures = await Promise.all(
      ALBUM.map((seed) => this.paint(seed % 3 === 1 ? "portrait" : "landscape", seed * 5)),
    );
    const addresses = pictures.map((picture) => URL.createObjectURL(picture));
    const label = count > 1 ? `相册（最多 ${count} 张）` : "相册";
    try {
      return await openDialog<Blob[]>(
        this.phone,
        { kind: "page", label, dismissed: [] },
        (answer) => [
          titled(label),
          this.grid(pictures, addresses, count, answer),
          filePicker(count, answer),
          button({ class: "phone-link", text: "取消", onClick: () => answer([]) }),
        ],
      );
    } finally {
      for (const address of addresses) URL.revokeObjectURL(address);
    }
  }

  private grid(
    pictures: Blob[],
    addresses: string[],
    count: number,
    answer: (chosen: Blob[]) => void,
  ): HTMLElement {
    const chosen = new Set<Blob>();
    const cells = pictures.map((picture, index) => {
      const cell = button(
        {
          class: "phone-picture",
          label: `图片 ${index + 1}`,
          attributes: { "aria-pressed": "false" },
        },
        element("img", { attributes: { src: addresses[index] ?? "", alt: "" } }),
      );
      cell.addEventListener("click", () => {
        if (count === 1) return answer([picture]);
        if (!chosen.delete(picture) && chosen.size < count) chosen.add(picture);
        cell.setAttribute("aria-pressed", String(chosen.has(picture)));
      });
      return cell;
    });
    const done = button({
      class: "phone-decision is-allow",
      text: "完成",
      onClick: () => answer([...chosen]),
    });
    return element(
      "div",
      {},
      element("div", { class: "phone-pictures" }, ...cells),
      count > 1 ? done : null,
    );
  }
}

function filePicker(count: number, answer: (chosen: Blob[]) => void): HTMLElement {
  const input = element("input", { attributes: { type: "file", accept: "image/*" } });
  input.multiple = count > 1;
  input.addEventListener("change", () => answer([...(input.files ?? [])].slice(0, count)));
  return element("label", { class: "phone-link" }, "从这台电脑选择…", input);
}
