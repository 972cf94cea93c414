/**
 * Seconds. Access tokens are short so that narrowing a grant is not outlived for long; refresh tokens carry a client
 * that is in use from one to the next, and end with the approval they came from.
 */
export const lifetimes = {
  accessToken: 60 * 60,
  code: 60,
  refreshIdle: 30 * 24 * 60 * 60,
  absolute: 90 * 24 * 60 * 60,
  /** The connecting window and some time to come back from it. */
  interaction: 12 * 60,
} as const
