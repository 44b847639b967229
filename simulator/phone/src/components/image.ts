import type { BuiltIn, BuiltInElement } from "../host/built_in";
import { flag, string } from "./properties";

function picture(tag: string): BuiltIn {
  return {
    tag,
    content: "none",
    properties: {
      src: string(),
      mode: string("scaleToFill", { attribute: "mode" }),
      lazyLoad: flag(),
      webp: flag(),
      showMenuByLongpress: flag(),
      forceHttps: flag(),
      fadeIn: flag(),
      referrerPolicy: string(),
    },
    mount(self) {
      const image = document.createElement("img");
      image.draggable = false;
      image.alt = "";
      self.element.append(image);
      image.addEventListener("load", () => {
        self.fire("load", { width: image.naturalWidth, height: image.naturalHeight });
      });
      image.addEventListener("error", () => {
        self.fire("error", { errMsg: `GET ${self.get("src")} failed` });
      });
      return {
        changed: {
          // Before `src`: it would be loaded at once.
          lazyLoad: (isLazy) => {
            image.loading = isLazy ? "lazy" : "eager";
          },
          src: (src) => show(self, image, String(src)),
          ariaLabel: (name) => {
            if (name) self.element.setAttribute("role", "img");
          },
        },
      };
    },
  };
}

function show(self: BuiltInElement, image: HTMLImageElement, src: string): void {
  image.hidden = src === "";
  if (src) image.src = self.image(src);
  else image.removeAttribute("src");
}

export const image = picture("image");
export const coverImage = picture("cover-image");
