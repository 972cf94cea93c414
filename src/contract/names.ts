import * as z from 'zod'

/** A name that the user gives. */
export const Name = z
  .string()
  .trim()
  .min(1, 'A name is needed.')
  .max(40, 'Names have 40 characters at most.')
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, 'Use letters, digits, spaces, dots, dashes and underscores.')

/** Part of an address, so plain. */
export const WorkspaceName = z
  .string()
  .trim()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,38}$/,
    'Use small letters, digits and dashes, beginning with a letter or digit.',
  )
