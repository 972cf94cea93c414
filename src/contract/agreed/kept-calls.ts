/** Rows of the activity log that are kept; the oldest go first. */
export const mostKeptCalls = 1_000_000
