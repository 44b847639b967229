import type { BuiltIn } from "../host/built_in";
import { string } from "./properties";

const GREEN = "#07c160";
const RED = "#fa5151";
const GREY = "#b2b2b2";
const BLUE = "#10aeff";
const DISC = "M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22z";
const RING =
  "M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22zm0 1.6a9.4 9.4 0 1 1 0 18.8 9.4 9.4 0 0 1 0-18.8z";
const BANG = "M11 5.5h2l-.2 9h-1.600z M10.900 16.500h2.200v2.200h-2.200z";

/** Shapes of 24 × 24; what overlaps is cut out. */
const ICONS: Record<string, { color: string; shape: string }> = {
  success: {
    color: GREEN,
    shape: `${DISC}M10.600 16.900l8-8-1.100-1.100-6.900 6.900-3.600-3.600-1.100 1.100z`,
  },
  success_no_circle: {
    color: GREEN,
    shape: "M9.500 18.800l12-12-1.400-1.400L9.500 16 4 10.500l-1.400 1.400z",
  },
  success_circle: {
    color: GREEN,
    shape: `${RING}M10.600 16.900l8-8-1.100-1.100-6.900 6.900-3.600-3.600-1.100 1.100z`,
  },
  info: { color: BLUE, shape: `${DISC}M11 10h2v8h-2zM11 6h2v2.200h-2z` },
  info_circle: { color: BLUE, shape: `${RING}M11 10h2v8h-2zM11 6h2v2.200h-2z` },
  warn: { color: RED, shape: `${DISC}${BANG}` },
  waiting: { color: BLUE, shape: `${DISC}M11 5.500h1.600v6.700l4.500 2.600-.8 1.400-5.300-3.100z` },
  waiting_circle: {
    color: BLUE,
    shape: `${RING}M11 5.500h1.600v6.700l4.500 2.600-.8 1.400-5.300-3.100z`,
  },
  cancel: {
    color: RED,
    shape: `${RING}M7.500 8.600l1.100-1.100 3.400 3.400 3.400-3.400 1.100 1.100-3.400 3.400 3.400 3.400-1.100 1.100-3.400-3.400-3.400 3.400-1.100-1.100 3.400-3.400z`,
  },
  clear: {
    color: GREY,
    shape: `${DISC}M7.500 8.600l1.100-1.100 3.400 3.400 3.400-3.400 1.100 1.100-3.400 3.400 3.400 3.400-1.100 1.100-3.400-3.400-3.400 3.400-1.100-1.100 3.400-3.400z`,
  },
  circle: { color: "#c9c9c9", shape: RING },
  download: {
    color: GREEN,
    shape: `${RING}M11.200 6h1.600v8l2.700-2.700 1.100 1.100-4.600 4.600-4.600-4.600 1.100-1.100 2.700 2.700z`,
  },
  search: {
    color: GREY,
    shape:
      "M10.500 3a7.500 7.500 0 1 0 4.600 13.400l5 5 1.300-1.300-5-5A7.500 7.500 0 0 0 10.500 3zm0 1.700a5.800 5.800 0 1 1 0 11.600 5.800 5.800 0 0 1 0-11.600z",
  },
};

const SVG = "http://www.w3.org/2000/svg";

export const icon: BuiltIn = {
  tag: "icon",
  content: "none",
  properties: { type: string(), size: string("23"), color: string() },
  mount(self) {
    const drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("viewBox", "0 0 24 24");
    drawing.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("fill-rule", "evenodd");
    drawing.append(path);
    self.element.append(drawing);
    const draw = (): void => {
      const known = ICONS[String(self.get("type"))];
      path.setAttribute("d", known?.shape ?? "");
      path.setAttribute("fill", String(self.get("color")) || known?.color || "none");
      drawing.setAttribute("width", String(self.get("size")));
      drawing.setAttribute("height", String(self.get("size")));
    };
    return {
      changed: {
        type: draw,
        color: draw,
        size: draw,
        ariaLabel: (name) => {
          if (name) self.element.setAttribute("role", "img");
        },
      },
    };
  },
};
