/** A whole page or part that has nothing else to show: loading, empty, error, offline, stopped, waiting, done. */
Component({
  properties: {
    kind: { type: String, value: "empty" },
    title: String,
    message: String,
    /** Of the button; none: no button. */
    action: String,
    busy: Boolean,
    /** `[{name, value}]`, told below the message. */
    notes: { type: Array, value: [] },
  },

  methods: {
    act() {
      this.triggerEvent("act");
    },
  },
});
