import * as z from 'zod'
import { command } from './definition.ts'
import { ErrorReply } from './errors.ts'
import { WorkspaceName } from './names.ts'
import { time } from './time.ts'

/** One thing the doctor tried, as a client would. */
export const Finding = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['ok', 'warning', 'failed', 'skipped']),
  /** What was sent and what came back, short, secrets redacted. */
  sent: z.string(),
  received: z.string(),
  /** What it means and what to do, in plain words; null when all is well. */
  problem: ErrorReply.nullable(),
  /** Milliseconds. */
  took: z.number().nonnegative(),
})
export type Finding = z.infer<typeof Finding>

export const Diagnosis = z.object({
  /** The address that was checked. */
  url: z.string(),
  through: z.enum(['public', 'local']),
  at: time,
  findings: z.array(Finding),
  ok: z.boolean(),
  summary: z.string(),
})
export type Diagnosis = z.infer<typeof Diagnosis>

export const doctorApi = {
  /** Goes through discovery and sign-in like a client would, from outside in where there is a public address. */
  'doctor.run': command(
    z.object({
      workspace: WorkspaceName.default('default'),
      through: z.enum(['public', 'local']).optional(),
    }),
    Diagnosis,
  ),
}
