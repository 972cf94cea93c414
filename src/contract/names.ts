import * as z from 'zod'
import { say } from '../../locales/say.ts'

/** A name that the user gives. */
export const Name = z
  .string()
  .trim()
  .min(1, { error: () => say('input.nameNeeded') })
  .max(40, { error: () => say('input.nameTooLong') })
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, { error: () => say('input.nameLetters') })

/** Part of an address, so plain. */
export const WorkspaceName = z
  .string()
  .trim()
  .regex(/^[a-z0-9][a-z0-9-]{0,38}$/, { error: () => say('input.workspaceLetters') })
