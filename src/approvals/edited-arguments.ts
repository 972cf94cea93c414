import { HostError } from '../kernel/errors.ts'
import { isObject } from '../kernel/is-object.ts'

/** What the owner wrote in place of a call's arguments. */
export function editedArguments(json: string, canEdit: boolean, isHeld: boolean): Record<string, unknown> {
  if (!canEdit)
    throw new HostError({
      code: 'not-editable',
      message: 'What goes to this tool cannot be changed, so nothing was allowed.',
      hint: 'Allow the call as it is, or do not allow it and tell the assistant what to change.',
    })
  if (!isHeld)
    throw new HostError({
      code: 'edit-unheard',
      message: 'The assistant has stopped waiting, so what you changed cannot run.',
      hint: 'Allow the call as it is, or ask the assistant to make it again.',
    })
  const value = parsed(json)
  if (!isObject(value))
    throw new HostError({
      code: 'edit-unreadable',
      message: 'What you wrote cannot be read, so nothing was allowed.',
      hint: 'Every name and text stands in double quotes, and a comma between two of them. Undo your change to begin again.',
    })
  return value
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
