import type { ErrorReply } from '../contract/errors.ts'
import { type ErrorText, HostError } from '../kernel/errors.ts'

/** Why the private listener does not serve a request. */
export interface Refusal {
  status: number
  code: string
  says: Extract<ErrorText, `control-${string}`> | 'internal'
}
/** As it is said to people, who read it also through their programs. */
export const replyOf = ({ code, says }: Refusal): ErrorReply => new HostError({ code, says }).reply()

export const notLetIn: Refusal = { status: 401, code: 'not-let-in', says: 'control-not-let-in' }
export const noToken: Refusal = { status: 403, code: 'wrong-token', says: 'control-wrong-token' }
export const keyOnly: Refusal = { status: 403, code: 'key-only', says: 'control-key-only' }
export const unknownCall: Refusal = { status: 404, code: 'unknown-call', says: 'control-unknown-call' }
export const nothingHere: Refusal = { status: 404, code: 'not-found', says: 'control-nothing-here' }
export const notJson: Refusal = { status: 400, code: 'invalid-request', says: 'control-not-json' }
export const tooLarge: Refusal = { status: 413, code: 'too-large', says: 'control-too-large' }
export const noAdminKey: Refusal = { status: 401, code: 'not-let-in', says: 'control-no-admin-key' }
export const noSuchRoute: Refusal = { status: 404, code: 'not-found', says: 'control-no-route' }
export const notThatMethod: Refusal = { status: 405, code: 'wrong-method', says: 'control-wrong-method' }
export const notJsonType: Refusal = { status: 415, code: 'not-json', says: 'control-not-json-type' }
export const notJsonObject: Refusal = {
  status: 400,
  code: 'invalid-request',
  says: 'control-not-json-object',
}
export const tooMany: Refusal = { status: 429, code: 'too-many-streams', says: 'control-too-many-streams' }
export const broken: Refusal = { status: 500, code: 'internal', says: 'internal' }

/** The HTTP status of the host's own refusals, by their code; the rooms choose theirs freely, so families are matched. */
export function statusOfCode(code: string): number {
  if (code === 'internal') return 500
  // the command that a server would be started with, not something of ours
  if (code === 'command-not-found') return 400
  if (/not-found|unknown|(^|-)gone$/.test(code)) return 404
  return /invalid|bad-|input/.test(code) ? 400 : 409
}
