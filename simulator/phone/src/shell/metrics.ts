/** Measures of the phone, in CSS pixels; `bars.css` gets them as custom properties. */

import type { Rectangle, WindowInfo } from "../host/ports";

export const STATUS_BAR = 44;
export const NAVIGATION_BAR = 44;
export const TAB_BAR = 50;
const CAPSULE = { width: 87, height: 32, right: 7 };

export function capsuleOf(window: Window): Rectangle {
  const top = STATUS_BAR + (NAVIGATION_BAR - CAPSULE.height) / 2;
  return rectangle(
    window.innerWidth - CAPSULE.right - CAPSULE.width,
    top,
    CAPSULE.width,
    CAPSULE.height,
  );
}

export function windowOf(
  window: Window,
  bars: { isCustom: boolean; hasTabs: boolean },
): WindowInfo {
  const { innerWidth: screenWidth, innerHeight: screenHeight, devicePixelRatio } = window;
  const screenTop = bars.isCustom ? 0 : STATUS_BAR + NAVIGATION_BAR;
  return {
    pixelRatio: devicePixelRatio,
    screenWidth,
    screenHeight,
    windowWidth: screenWidth,
    windowHeight: screenHeight - screenTop - (bars.hasTabs ? TAB_BAR : 0),
    statusBarHeight: STATUS_BAR,
    screenTop,
    safeArea: rectangle(0, STATUS_BAR, screenWidth, screenHeight - STATUS_BAR),
  };
}

export function setMeasures(phone: HTMLElement): void {
  const measures = {
    "status-bar": STATUS_BAR,
    "navigation-bar": NAVIGATION_BAR,
    "tab-bar": TAB_BAR,
    "capsule-width": CAPSULE.width,
    "capsule-height": CAPSULE.height,
    "capsule-right": CAPSULE.right,
  };
  for (const [name, value] of Object.entries(measures)) {
    phone.style.setProperty(`--${name}`, `${value}px`);
  }
}

function rectangle(left: number, top: number, width: number, height: number): Rectangle {
  return { left, top, width, height, right: left + width, bottom: top + height };
}
