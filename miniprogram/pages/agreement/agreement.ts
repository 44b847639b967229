import { config } from "../../config";
import { privacyPolicy } from "./privacy";
import { terms } from "./terms";

/** The texts here are a start: have a lawyer read what your mini program really does. */
Page({
  data: {
    name: "",
    version: "",
    company: config.company,
    sections: [] as { title: string; text: string }[],
  },

  onLoad(query) {
    const agreement = config.agreements.find(({ id }) => id === query.id) ?? config.agreements[0];
    if (agreement === undefined) return;
    const sections = agreement.id === "privacy" ? privacyPolicy : terms;
    this.setData({ name: agreement.name, version: agreement.version, sections });
    wx.setNavigationBarTitle({ title: agreement.name });
  },
});
