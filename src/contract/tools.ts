import * as z from 'zod'
import { say } from '../../locales/say.ts'
import { command, event, nothing, query } from './definition.ts'

/** Risk of a tool: from its annotations (MCP tool annotations; absent means `write`) and the user's overrides. */
export const Risk = z.enum(['read', 'write', 'destructive'])
export type Risk = z.infer<typeof Risk>

/** A tool as the Tools page shows it. */
export const Tool = z.object({
  /** Stable: what settings and grants refer to, whatever the tool is called in public. */
  id: z.string(),
  /** The public name: the user's own, or `source__tool`, or the tool's own name. */
  name: z.string(),
  /** Its name at the source. */
  original: z.string(),
  /** The public name that the user gave it. */
  alias: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  source: z.string(),
  /** The source's stable short name, as workspaces refer to it. */
  sourceId: z.string(),
  sourceKind: z.enum(['connector', 'server']),
  risk: Risk,
  openWorld: z.boolean(),
  enabled: z.boolean(),
  /**
   * What its owner should look at. `new`: it came to a server that was known already, and nobody can use it before it is accepted.
   * `safer`: it says that it does less than before; until that is accepted it is treated as before. `risk`, `openWorld`: what it
   * says now. `seen`: SHA-256 of its definition as it is now, to be said when it is accepted.
   */
  review: z
    .object({ why: z.enum(['new', 'safer']), risk: Risk, openWorld: z.boolean(), seen: z.string() })
    .nullable(),
  localOnly: z.boolean(),
})
export type Tool = z.infer<typeof Tool>

export const toolsApi = {
  'tools.list': query(nothing, z.array(Tool)),
  /** What is left out stays as it is; an alias of null gives the tool its usual name back. */
  'tools.set': command(
    z.object({
      id: z.string(),
      enabled: z.boolean().optional(),
      alias: z
        .string()
        .trim()
        .regex(/^[a-zA-Z0-9_-]{1,64}$/, { error: () => say('input.toolLetters') })
        .nullable()
        .optional(),
    }),
    Tool,
  ),
  /**
   * The owner looked at these and takes them as they are: new ones can be used, and those that say they do less are taken at their word.
   * `seen`: as the tool's `review` said. When one has changed since, none is accepted.
   */
  'tools.accept': command(
    z.object({
      tools: z
        .array(z.object({ id: z.string(), seen: z.string() }))
        .min(1)
        .max(2_000),
    }),
    z.array(Tool),
  ),

  'tools.changed': event(z.object({})),
}
