import * as z from 'zod'
import { ClientKind } from './access.ts'
import { command, event, nothing, query } from './definition.ts'
import { ErrorReply } from './errors.ts'
import { time } from './time.ts'

const StepState = z.enum(['done', 'now', 'later', 'failed'])

const Copy = z.object({ label: z.string(), value: z.string() })

/** One step of a setup flow, ticked from real traffic. `text` is what to do; behind an empty line, what may be different. `copy` is something to paste elsewhere. */
export const Step = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  state: StepState,
  copy: Copy.nullable(),
  /** All that a form there may ask for, in its order. */
  fields: z.array(Copy).optional(),
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

/** One that knew the old address. `back`: it calls at the new one. `anew`: it came back as a new entry, and the old one is of no use. */
export const MovedApp = z.object({
  grantId: z.string(),
  name: z.string(),
  client: ClientKind,
  state: z.enum(['to-do', 'back', 'anew']),
  steps: z.array(Step),
})
export type MovedApp = z.infer<typeof MovedApp>

/** The public address is another one: what is left to do, one app after the other. */
export const Move = z.object({
  from: z.string(),
  to: z.string(),
  /** Where it is a tunnel that is chosen by its id. */
  tunnelId: z.string().optional(),
  at: time,
  apps: z.array(MovedApp),
  done: z.boolean(),
})
export type Move = z.infer<typeof Move>

export const moveApi = {
  /** The last change of the public address; null: there was none that anybody has to be told of. */
  'tunnel.moved': query(nothing, Move.nullable()),
}

export const connectApi = {
  /** `again`: begin the steps anew although somebody was let in by them, for another account of the same app. */
  'connect.open': command(z.object({ client: ClientKind, again: z.boolean().optional() }), ConnectFlow),
  /** Stop waiting. Whoever was let in stays. */
  'connect.close': command(nothing, nothing),
  'connect.flow': query(z.object({ client: ClientKind }), ConnectFlow),

  'connect.changed': event(ConnectFlow),
}
