import type { ErrorReply } from '../contract/errors.ts'

/**
 * A failure that a person should read. `message` says what happened and `hint` what to do next, in words a
 * non-programmer understands; `detail` and `cause` go to the log only.
 */
export class HostError extends Error {
  readonly code: string
  readonly hint: string
  readonly detail: string | undefined

  constructor(fields: { code: string; message: string; hint: string; detail?: string; cause?: unknown }) {
    super(fields.message, { cause: fields.cause })
    this.name = 'HostError'
    this.code = fields.code
    this.hint = fields.hint
    this.detail = fields.detail
  }
}

export const isHostError = (error: unknown): error is HostError => error instanceof HostError

/** What may leave the host about an error: never a stack, a path or a message that was not written for people. */
export function toErrorReply(error: unknown): ErrorReply {
  if (isHostError(error)) return { code: error.code, message: error.message, hint: error.hint }
  return {
    code: 'internal',
    message: 'Something went wrong inside Drawbridge.',
    hint: 'Try again. If it happens again, the log file in the data folder has the details.',
  }
}

/** The text of any thrown value, for the log. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.stack ?? `${error.name}: ${error.message}`
  return String(error)
}
