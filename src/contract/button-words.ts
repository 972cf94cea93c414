/** What buttons are called that another page speaks of: the page in the client's browser, and whoever presses them. */
export const buttonWords = {
  letIn: 'Let it in',
  letBackIn: 'Let it back in',
  decline: 'Decline',
  connect: 'Connect',
  createKey: 'Create a key',
} as const
