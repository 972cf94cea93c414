/** What the log says of a call whose client had stopped waiting when its question was closed. */
export const closedRow = {
  allowed: {
    outcome: 'cancelled',
    decision: 'approved',
    error:
      'The assistant had stopped waiting when you allowed it, so it did not run. It runs if the assistant asks again.',
  },
  retried: {
    outcome: 'cancelled',
    decision: 'approved',
    error: 'The assistant asked again before you answered. What came of it is in the newer row.',
  },
  denied: { outcome: 'denied', decision: 'denied', error: 'You did not allow it.' },
  expired: {
    outcome: 'cancelled',
    decision: 'denied',
    error: 'Nobody answered in time. Nothing was done.',
  },
  ended: {
    outcome: 'cancelled',
    decision: 'denied',
    error: 'Its access was changed or ended before you answered. Nothing was done.',
  },
  unasked: {
    outcome: 'cancelled',
    decision: 'denied',
    error:
      'Too many questions of this client were waiting, so this one was not put to you. Nothing was done.',
  },
} as const
