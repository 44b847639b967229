import { act, toast } from "../../acting";
import { auth } from "../../auth";
import type { ProofChange } from "../../components/proof-field/proof-field";
import { fieldEvents } from "../../field_events";
import { isSignedInOrSent } from "../../navigation";
import { contentsOf, type Part } from "../../rules/export_contents";
import { type Fault, typed } from "../../rules/faults";
import { paths } from "../../rules/paths";

Page({
  ...fieldEvents,

  data: { parts: [] as Part[], done: false, busy: false, fault: null as Fault | null },

  proving: { proof: undefined, missing: null } as ProofChange,
  /** Beside `data`: it may be large, and the view needs none of it. */
  text: "",

  onShow() {
    isSignedInOrSent(paths.export);
  },

  async export() {
    const { missing, proof } = this.proving;
    if (missing !== null) return this.setData({ fault: typed(missing) });
    await act(this, async () => {
      const exported = await auth.exportData(proof);
      this.text = JSON.stringify(exported, null, 2);
      this.setData({ done: true, parts: contentsOf(exported) });
    });
    return undefined;
  },

  copy() {
    wx.setClipboardData({ data: this.text, success: () => toast("已复制") });
  },

  save() {
    const filePath = `${wx.env.USER_DATA_PATH}/my-data.json`;
    wx.getFileSystemManager().writeFile({
      filePath,
      data: this.text,
      encoding: "utf8",
      success: () => this.share(filePath),
      fail: () => this.setData({ fault: typed("手机空间不足，请改用复制") }),
    });
  },

  share(filePath: string) {
    wx.shareFileMessage({ filePath, fileName: "my-data.json", fail: () => undefined });
  },
});
