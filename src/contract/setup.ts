import * as z from 'zod'
import { ClientKind } from './access.ts'
import { command, event, nothing, query } from './definition.ts'
import { ErrorReply } from './errors.ts'
import { time } from './time.ts'

const StepState = z.enum(['done', 'now', 'later', 'failed'])

/** One step of a setup flow, ticked from real traffic. `copy` is something to paste elsewhere. */
export const Step = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  state: StepState,
  copy: z.object({ label: z.string(), value: z.string() }).nullable(),
  /** Why it failed and what to do; only with state `failed`. */
  problem: ErrorReply.nullable(),
  at: time.nullable(),
})
export type Step = z.infer<typeof Step>

export const ConnectFlow = z.object({
  client: ClientKind,
  title: z.string(),
  /** When the instructions were last compared with the client's own pages, e.g. "November 2026". */
  edition: z.string(),
  steps: z.array(Step),
  done: z.boolean(),
})
export type ConnectFlow = z.infer<typeof ConnectFlow>

export const connectApi = {
  /** `again`: begin the steps anew although somebody was let in by them, for another account of the same app. */
  'connect.open': command(z.object({ client: ClientKind, again: z.boolean().optional() }), ConnectFlow),
  /** Stop waiting. Whoever was let in stays. */
  'connect.close': command(nothing, nothing),
  'connect.flow': query(z.object({ client: ClientKind }), ConnectFlow),

  'connect.changed': event(ConnectFlow),
}
