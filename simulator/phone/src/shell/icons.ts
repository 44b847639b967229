/** The drawings of the phone. */

import { icon } from "./element";

export const icons = {
  back: () => icon("back", "0 0 12 24", "M10 2 2 12l8 10"),
  dots: () => icon("dots", "0 0 24 10", "M3 5h.01", "M12 5h.01", "M21 5h.01"),
  circle: () => icon("circle", "0 0 24 24", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z", "M12 12h.01"),
  signal: () =>
    icon("signal", "0 0 18 12", "M1 12V9h2.5v3Zm4.5 0V6.5H8V12ZM10 12V3.5h2.5V12Zm4.5 0V.5H17V12Z"),
  battery: () =>
    icon(
      "battery",
      "0 0 27 12",
      "M3 .5h18A2.5 2.5 0 0 1 23.5 3v6A2.5 2.5 0 0 1 21 11.5H3A2.5 2.5 0 0 1 .5 9V3A2.5 2.5 0 0 1 3 .5Z",
      "M3 2.5h15v7H3Z",
      "M25 4v4c1-.3 1.5-1 1.5-2S26 4.3 25 4Z",
    ),
  success: () => icon("success", "0 0 48 48", "m8 25 11 11 21-23"),
  error: () =>
    icon(
      "error",
      "0 0 48 48",
      "M24 5a19 19 0 1 0 0 38 19 19 0 0 0 0-38Z",
      "M24 14v13",
      "M24 34h.01",
    ),
  loading: () => icon("loading", "0 0 48 48", "M24 6a18 18 0 1 1-18 18"),
  message: () =>
    icon(
      "message",
      "0 0 24 24",
      "M12 4c5 0 9 3.1 9 7s-4 7-9 7c-1 0-2-.1-2.9-.4L5 20l.9-3.4C4 15.3 3 13.2 3 11c0-3.9 4-7 9-7Z",
    ),
  app: () =>
    icon(
      "app",
      "0 0 24 24",
      "M15.5 5a3.5 3.5 0 0 0-3.5 3.5v7A3.5 3.5 0 1 1 8.5 12",
      "M12 8.5A3.5 3.5 0 1 1 15.5 12",
    ),
};
