/** What went wrong with the last tap, next to the button that was tapped. */
Component({
  properties: {
    fault: { type: null, value: null },
  },
});
