import type { ApprovalRequest } from '../contract/approvals.ts'
import { HostError } from '../kernel/errors.ts'
import { parseJson } from '../kernel/exact-json.ts'
import { isObject } from '../kernel/is-object.ts'

/** What the owner wrote in place of a call's arguments, once it fits its tool. */
export function editedArguments(json: string, misfits: ApprovalRequest['misfits']): Record<string, unknown> {
  if (misfits === undefined) throw new HostError({ code: 'not-editable' })
  const value = parseJson(json)
  if (!isObject(value)) throw new HostError({ code: 'edit-unreadable' })
  const problems = misfits(value)
  if (problems !== null) throw new HostError({ code: 'edit-unfit', params: { problems } })
  return value
}
