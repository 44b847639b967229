/**
 * WeChat's phone button. It cannot be tapped by code: as long as something is to be asked first
 * (`ready` is false), it is an ordinary button that says "ask".
 */
Component({
  properties: {
    label: String,
    look: { type: String, value: "is-plain" },
    ready: { type: Boolean, value: true },
    busy: Boolean,
  },

  methods: {
    ask() {
      this.triggerEvent("ask");
    },

    take(event: WechatMiniprogram.ButtonGetPhoneNumber) {
      this.triggerEvent("taken", event.detail);
    },
  },
});
