/** Whether a token is past its absolute limit, by this phone's clock alone. Durations count from
 * the moment the token came; where the clock was set back since, only the server knows. */
export const isPast = ({ at, life }: { at?: number; life?: number }): boolean =>
  !(Date.now() - (at as number) < (life as number) * 1000);
