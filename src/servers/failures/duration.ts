/** Milliseconds in words. */
export const seconds = (milliseconds: number): string =>
  milliseconds < 1_500
    ? 'one second'
    : milliseconds < 120_000
      ? `${Math.round(milliseconds / 1_000)} seconds`
      : `${Math.round(milliseconds / 60_000)} minutes`
