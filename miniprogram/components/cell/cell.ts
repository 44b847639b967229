/** One line of a group. With `url` a tap opens that page of our own. */
Component({
  properties: {
    label: String,
    value: String,
    hint: String,
    url: String,
    arrow: Boolean,
    danger: Boolean,
  },

  methods: {
    open() {
      if (this.data.url !== "") wx.navigateTo({ url: this.data.url });
    },
  },
});
