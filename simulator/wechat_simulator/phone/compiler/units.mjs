/** Units of a mini program in terms of CSS; the phone does the same to inline styles. */

const LENGTH = /("[^"]*"|'[^']*'|url\([^)]*\))|(-?(?:\d+\.?\d*|\.\d+))(rpx|vh)\b/g;

/** 750 rpx are the screen's width; the height of a page is its frame's, not the phone's. */
export const toCssUnits = (css) =>
  css.replace(LENGTH, (_, text, n, unit) => {
    if (text) return text;
    return unit === "rpx" ? `calc(${n} * 100vw / 750)` : `${n}cqh`;
  });
