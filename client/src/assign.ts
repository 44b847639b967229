/** Object spread is younger than the oldest WeChat that runs this. */
export const { assign } = Object;
