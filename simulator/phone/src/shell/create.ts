/** The phone around the page: everything a person sees that no mini program draws. */

import type { Shell } from "../host/ports";
import { Album } from "./album";
import { Away } from "./away";
import { Banner } from "./banner";
import { NavigationBarView, statusBar, TabBarView } from "./bars";
import { askAuthorize, askPrivacy, askSettings } from "./consent";
import { element } from "./element";
import { capsuleOf, setMeasures, windowOf } from "./metrics";
import { showActionSheet, showModal } from "./modal";
import { askPhone } from "./phone_sheet";
import { type Paint, paint as paintOnCanvas, seedOf } from "./pictures";
import { ToastView } from "./toast";

export type ShellOptions = {
  /** Says on the screen that none of this is WeChat. */
  label: string;
  /** Who holds the phone: their avatar is their own. */
  user: string;
  paint?: Paint;
};

export function createShell(document: Document, o: ShellOptions): Shell {
  const phone = element("div", { class: "phone" });
  setMeasures(phone);
  const navigation = new NavigationBarView(phone);
  const tabs = new TabBarView(phone);
  const toast = new ToastView();
  const banner = new Banner();
  const away = new Away();
  const album = new Album(phone, o.paint ?? paintOnCanvas, seedOf(o.user));
  const pages = element("main", { class: "phone-pages" });
  const top = element("header", { class: "phone-top" }, statusBar(o.label), navigation.element);
  phone.append(top, pages, tabs.element, toast.element, away.element, banner.element);
  document.body.append(phone);
  const window = document.defaultView ?? globalThis.window;

  return {
    pages,
    setTitle: (title) => navigation.setTitle(title),
    setNavigationStyle: (style) => navigation.setStyle(style),
    setNavigationLoading: (on) => navigation.setLoading(on),
    setBackVisible: (visible) => navigation.setBackVisible(visible),
    onBack: navigation.back.add,
    setTabBar: (bar, selected) => tabs.show(bar, selected),
    onTab: tabs.tap.add,
    setDark: (on) => {
      phone.dataset.dark = on ? "yes" : "no";
    },
    showToast: toast.show,
    hideToast: toast.hide,
    showLoading: toast.showLoading,
    hideLoading: toast.hide,
    showModal: (modal) => showModal(phone, modal),
    showActionSheet: (sheet) => showActionSheet(phone, sheet),
    askPhone: ({ phones }) => askPhone(phone, phones),
    askAvatar: () => album.askAvatar(),
    askPictures: ({ count }) => album.askPictures(count),
    showImage: (address) => album.showImage(address),
    askPrivacy: ({ contractName }) => askPrivacy(phone, contractName),
    askAuthorize: (scope) => askAuthorize(phone, scope),
    askSettings: (authorisations) => askSettings(phone, authorisations),
    notify: banner.show,
    setAway: (on) => {
      away.set(on);
      // Neither the keyboard nor a reader gets to what is not on the screen.
      for (const part of [top, pages, tabs.element]) part.inert = on;
    },
    onMenu: navigation.menu.add,
    onLeave: navigation.leave.add,
    onReturn: away.back.add,
    window: () => windowOf(window, { isCustom: navigation.isCustom, hasTabs: tabs.isShown }),
    capsule: () => capsuleOf(window),
  };
}
