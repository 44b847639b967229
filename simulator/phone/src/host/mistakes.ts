/** Errors of the mini program's code, wherever they were thrown: none is swallowed. */

import * as glassEasel from "glass-easel";
import type { HostEvents } from "./ports";

type Reporter = {
  reportError(error: unknown): void;
  reportRejection(event: HostEvents["unhandledRejection"]): void;
};

export const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);

/** The answer stops it. */
export function catchErrors(reporter: Reporter): () => void {
  // `false` keeps glass-easel from printing the error a second time.
  const onRenderError = (error: unknown): boolean => {
    reporter.reportError(error);
    return false;
  };
  const onError = ({ error }: ErrorEvent): void => {
    if (error !== undefined && error !== null) reporter.reportError(error);
  };
  const onRejection = ({ reason, promise }: PromiseRejectionEvent): void =>
    reporter.reportRejection({ reason, promise });
  glassEasel.addGlobalErrorListener(onRenderError);
  window.addEventListener("error", onError);
  window.addEventListener("unhandledrejection", onRejection);
  return () => {
    glassEasel.removeGlobalErrorListener(onRenderError);
    window.removeEventListener("error", onError);
    window.removeEventListener("unhandledrejection", onRejection);
  };
}
