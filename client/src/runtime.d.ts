/** The few globals of the mini program's JavaScript that the SDK stands on; there is no DOM. */
declare function setTimeout(run: () => void, milliseconds: number): number;
