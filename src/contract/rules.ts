import * as z from 'zod'
import { command, event, nothing, query } from './definition.ts'
import { time } from './time.ts'
import { Risk } from './tools.ts'

/**
 * `asleep`: the tool or what runs it is another one now than when the owner answered, so it does not hold; `absent`: the tool is not
 * there; `over`: its time is.
 */
const RuleState = z.enum(['active', 'asleep', 'absent', 'over'])

/** An answer of the owner that holds for more than one call. Names of others are written out (`visibleLine`) and capped. */
export const Rule = z.object({
  id: z.string(),
  grantId: z.string(),
  clientName: z.string(),
  /** Its public name, its id while it is not there, and the id that never changes. */
  tool: z.string(),
  toolId: z.string(),
  toolTitle: z.string(),
  source: z.string(),
  risk: Risk,
  effect: z.enum(['allow', 'never']),
  /** Of one that holds for exactly these arguments: the call on one line, secrets blotted out. Null: whatever the arguments. */
  exactly: z.string().nullable(),
  /** It holds in one chat only. */
  inChat: z.boolean(),
  since: time,
  /** Null: until it is revoked. */
  until: time.nullable(),
  /** How many calls it let through, or refused. */
  uses: z.number().int().nonnegative(),
  lastUsedAt: time.nullable(),
  /** The call's row in the log, and the call on one line. */
  lastUsedFor: z.object({ call: z.string(), line: z.string() }).nullable(),
  /** Also after something untrusted was read in the same session. */
  waivesTaint: z.boolean(),
  state: RuleState,
  /** Why it sleeps, and since when that is known. */
  sleeps: z
    .object({ since: time, why: z.enum(['tool-changed', 'server-changed', 'destructive']) })
    .nullable(),
})
export type Rule = z.infer<typeof Rule>
export type SleepReason = NonNullable<Rule['sleeps']>['why']

export const rulesApi = {
  /** Newest first. */
  'rules.list': query(nothing, z.array(Rule)),
  /** What is left out stays. HostError `rule-gone`, `rule-until`, or `rule-destructive` when a destructive tool would be allowed for ever. */
  'rules.change': command(
    z.object({ id: z.string(), until: time.nullable().optional(), waivesTaint: z.boolean().optional() }),
    Rule,
  ),
  /** As it was. HostError `rule-gone`. */
  'rules.revoke': command(z.object({ id: z.string() }), Rule),
  /** All of one grant. */
  'rules.revokeAll': command(z.object({ grantId: z.string() }), z.object({ revoked: z.number().int() })),

  'rules.changed': event(z.object({})),
}
