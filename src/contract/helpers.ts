import * as z from 'zod'
import { command, event, nothing, query } from './definition.ts'

/** The programs of others that Drawbridge can fetch, when it is told to. */
export const HelperId = z.enum(['cloudflared'])
export type HelperId = z.infer<typeof HelperId>

/** One that is being fetched, or could not be. */
export const HelperDownload = z.object({
  id: HelperId,
  title: z.string(),
  version: z.string(),
  /** Of how many there are so far. */
  done: z.number().int(),
  bytes: z.number().int(),
  /** Why it ended without one; null: it goes on. */
  failure: z.object({ message: z.string(), hint: z.string() }).nullable(),
})
export type HelperDownload = z.infer<typeof HelperDownload>

export const helpersApi = {
  'helpers.downloads': query(nothing, z.array(HelperDownload)),
  /** Begins, and answers at once; the rest is told. What is fetched is checked before it runs; the address is then opened by itself. */
  'helpers.fetch': command(z.object({ id: HelperId }), z.array(HelperDownload)),
  /** Ends it, or forgets why it failed. */
  'helpers.cancel': command(z.object({ id: HelperId }), z.array(HelperDownload)),

  'helpers.changed': event(z.array(HelperDownload)),
}
