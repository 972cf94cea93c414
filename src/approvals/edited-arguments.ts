import { HostError } from '../kernel/errors.ts'
import { isObject } from '../kernel/is-object.ts'

/** What the owner wrote in place of a call's arguments. */
export function editedArguments(json: string, canEdit: boolean, isHeld: boolean): Record<string, unknown> {
  if (!canEdit) throw new HostError({ code: 'not-editable' })
  if (!isHeld) throw new HostError({ code: 'edit-unheard' })
  const value = parsed(json)
  if (!isObject(value)) throw new HostError({ code: 'edit-unreadable' })
  return value
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
