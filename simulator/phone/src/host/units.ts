/** Units of a mini program in terms of CSS; the compiler does the same to WXSS. */

const LENGTH = /("[^"]*"|'[^']*'|url\([^)]*\))|(-?(?:\d+\.?\d*|\.\d+))(rpx|vh)\b/g;

/** 750 rpx are the screen's width; the height of a page is its frame's, not the phone's. */
export const toCssUnits = (css: string): string =>
  css.replace(LENGTH, (_, text: string | undefined, n: string, unit: string) => {
    if (text) return text;
    return unit === "rpx" ? `calc(${n} * 100vw / 750)` : `${n}cqh`;
  });
