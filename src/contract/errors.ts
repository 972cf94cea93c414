import * as z from 'zod'

/** What a caller of the contract gets when something went wrong: what happened, and what to do next. */
export const ErrorReply = z.object({ code: z.string(), message: z.string(), hint: z.string() })
export type ErrorReply = z.infer<typeof ErrorReply>
