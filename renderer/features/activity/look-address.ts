import * as z from 'zod'

/** What stands in the addresses of diary and usage; what does not fit is left out. */
export const DiaryAddress = z.object({
  by: z.enum(['day', 'week']).optional().catch(undefined),
  assistant: z.string().optional().catch(undefined),
})

export const spans = [7, 30, 90] as const
export const UsageAddress = z.object({
  days: z
    .literal([...spans])
    .optional()
    .catch(undefined),
})
