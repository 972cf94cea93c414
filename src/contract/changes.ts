import * as z from 'zod'
import { command, event, query } from './definition.ts'
import { time } from './time.ts'

/** What one call of an assistant changed in the user's folders. */
export const Change = z.object({
  call: z.string(),
  at: time,
  grantId: z.string(),
  clientName: z.string(),
  folder: z.string(),
  /** Within the folder, with `/`. */
  path: z.string(),
  movedTo: z.string().nullable(),
  kind: z.enum(['created', 'changed', 'moved']),
  isUndone: z.boolean(),
})
export type Change = z.infer<typeof Change>

const at = { call: z.string(), folder: z.string(), path: z.string() }

export const Undone = z.discriminatedUnion('state', [
  z.object({ ...at, state: z.literal('undone') }),
  /**
   * The file is another than the call left it, and nothing was done. `now` and `before`: the version that is there and the one from before
   * the call, null where there is none; `seen`: what `over` has to be for the older one to take its place, null where that cannot be.
   */
  z.object({
    ...at,
    state: z.literal('changed'),
    now: z.string().nullable(),
    before: z.string().nullable(),
    seen: z.string().nullable(),
  }),
  z.object({ ...at, state: z.literal('failed'), error: z.string() }),
])
export type Undone = z.infer<typeof Undone>

export const changesApi = {
  /** Null: the call changed nothing in a folder, or it is longer ago than changes are kept. */
  'changes.of': query(z.object({ call: z.string() }), Change.nullable()),
  /** Puts back how it was before a call. `over`: the version that may be written over, as the answer before named it. */
  'changes.undo': command(z.object({ call: z.string(), over: z.string().nullable().default(null) }), Undone),
  /** All that one client changed in a while (`since` ≤ its time < `until`), newest first. */
  'changes.undoAll': command(z.object({ grantId: z.string(), since: time, until: time }), z.array(Undone)),

  'changes.changed': event(z.object({})),
}
