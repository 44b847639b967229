/** A round picture; with `editable` WeChat's chooser of pictures opens on a tap. Event: `chosen` {filePath}. */
Component({
  properties: {
    src: String,
    editable: Boolean,
    /** In px. */
    size: { type: Number, value: 64 },
  },

  methods: {
    choose(event: WechatMiniprogram.CustomEvent<{ avatarUrl: string }>) {
      this.triggerEvent("chosen", { filePath: event.detail.avatarUrl });
    },
  },
});
