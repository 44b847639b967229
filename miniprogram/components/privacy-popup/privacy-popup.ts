import { privacy } from "../../auth";

interface Question {
  agree(buttonId: string): void;
  disagree(): void;
}

const BUTTON = "agree-privacy";
const questions = new WeakMap<object, Question>();
const stops = new WeakMap<object, () => void>();

/**
 * Asks for the privacy guideline in our own words, where WeChat says that something the person
 * tapped needs it. WeChat tells the listener that registered last, so the page on top registers anew.
 */
Component({
  data: { asking: false, button: BUTTON },

  lifetimes: {
    attached() {
      this.listen();
    },

    detached() {
      this.silence();
    },
  },

  pageLifetimes: {
    show() {
      this.listen();
    },

    hide() {
      this.silence();
    },
  },

  methods: {
    listen() {
      this.silence();
      const stop = privacy.onAsk((question) => {
        questions.set(this, question);
        this.setData({ asking: true });
      });
      stops.set(this, stop);
    },

    silence() {
      stops.get(this)?.();
      stops.delete(this);
      this.refuse();
    },

    agree() {
      this.setData({ asking: false });
      questions.get(this)?.agree(BUTTON);
      questions.delete(this);
    },

    refuse() {
      if (this.data.asking) this.setData({ asking: false });
      questions.get(this)?.disagree();
      questions.delete(this);
    },

    read() {
      privacy.openContract().catch(() => undefined);
    },

    stay() {
      // The sheet catches taps, so that none reaches the page behind it.
    },
  },
});
