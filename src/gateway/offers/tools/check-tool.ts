/**
 * Our own tool: what became of a call that took longer than its client waited, by the handle that the client was given. No server's
 * tool is ever called so.
 */
export const checkTool = {
  name: 'drawbridge_check',
  title: 'Check a call',
  description:
    'Tells what became of an earlier call that waits for the user’s approval or takes long: its result once it is there. Changes nothing and starts nothing.',
  inputSchema: {
    type: 'object',
    properties: {
      handle: { type: 'string', description: 'The handle that the answer to the earlier call named.' },
    },
    required: ['handle'],
    additionalProperties: false,
  },
  annotations: {
    title: 'Check a call',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
} as const
