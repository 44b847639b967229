/** Why things are not as the person left them, and the one thing to do about it. */
Component({
  properties: {
    title: String,
    message: String,
    action: String,
    busy: Boolean,
  },

  methods: {
    act() {
      this.triggerEvent("act");
    },
  },
});
