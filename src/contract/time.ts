import * as z from 'zod'

/** Milliseconds since 1970. */
export const time = z.number().int().nonnegative()
