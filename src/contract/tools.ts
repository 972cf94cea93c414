import * as z from 'zod'
import { say } from '../../locales/say.ts'
import { command, event, nothing, query } from './definition.ts'

/** Risk of a tool: from its annotations (MCP tool annotations; absent means `write`) and the user's overrides. */
export const Risk = z.enum(['read', 'write', 'destructive'])
export type Risk = z.infer<typeof Risk>

/** One thing that is another than its owner took it for. Texts as they came: to be shown through `visibleText`. */
export const Difference = z.object({
  /**
   * `reads`, `writes`, `destroys`: what it says now it does at worst. `outside`, `inside`: that it reaches others now, or no longer.
   * `arguments`: of all of them together. `hints`: what it says of itself besides. `unknown`: what it was is not known any more.
   * `command`, `origin`, `version`, `instructions` (what it tells assistants of itself): of its server.
   */
  what: z.enum([
    ...['reads', 'writes', 'destroys', 'outside', 'inside', 'title', 'description', 'result'],
    ...['argument-added', 'argument-removed', 'argument-required', 'argument-optional'],
    ...['argument-description', 'argument-changed', 'arguments', 'hints', 'unknown'],
    ...['command', 'origin', 'version', 'instructions'],
  ] as const),
  /** Of the argument. */
  name: z.string().nullable(),
  before: z.string().nullable(),
  now: z.string().nullable(),
})
export type Difference = z.infer<typeof Difference>

/** What stands in a text that its reader does not see, or that is aimed at assistants. */
export const Finding = z.object({
  /**
   * `hidden`: characters that nobody sees; `terminal`: escape sequences; `comment`: one that is not shown; `instruction`: words that tell
   * an assistant what to do, or to keep something from its user; `encoded`: a long text that nobody can read; `image`: one whose address
   * carries data away; `imitation`: words that only we say; `unread`: there is more than is looked at (`text`: how many characters).
   */
  what: z.enum(['hidden', 'terminal', 'comment', 'instruction', 'encoded', 'image', 'imitation', 'unread']),
  /** `title`, `description`, or the way to it in a schema. */
  where: z.string(),
  /** The words themselves, or the name of the character; shortened. */
  text: z.string(),
})
export type Finding = z.infer<typeof Finding>

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
  /** Of one that waits: the worst of what it was taken for and what it will be when it is accepted; what will be is `risksOf`. */
  risk: Risk,
  openWorld: z.boolean(),
  enabled: z.boolean(),
  /**
   * What the owner said it does at worst, whatever it says of itself; `lowers`: it says worse. Null: he said nothing, or not of what it is
   * now. Of one that waits: as it will be when it is accepted.
   */
  override: z.object({ risk: Risk, lowers: z.boolean() }).nullable(),
  /** What assistants are told besides, in the owner's words. */
  note: z.string().nullable(),
  /** What stands in its definition that nobody should have to look for. */
  findings: z.array(Finding),
  /**
   * Why nobody can use it before its owner has looked at it. `new`: it came to a server that was known already, or there is something in
   * it (`findings`). `changed`: it describes itself in another way than it did; `tools.differences` says in which. `identity`: its server
   * is another; see `tools.servers`. `risk`, `openWorld`: what it says now. `seen`: SHA-256 of its definition as it is now, to be said
   * when it is accepted.
   */
  review: z
    .object({
      why: z.enum(['new', 'changed', 'identity']),
      risk: Risk,
      openWorld: z.boolean(),
      seen: z.string(),
    })
    .nullable(),
  localOnly: z.boolean(),
})
export type Tool = z.infer<typeof Tool>

/** What it is taken for; of one that waits, what it will be when it is accepted. */
export const risksOf = ({ risk, openWorld, override, review }: Tool): Pick<Tool, 'risk' | 'openWorld'> =>
  review === null ? { risk, openWorld } : { risk: override?.risk ?? review.risk, openWorld: review.openWorld }

/** What is offered beside tools: a resource, a template of resources, or a prompt. Texts as they came: to be shown through `visibleText`. */
export const Offer = z.object({
  kind: z.enum(['prompt', 'resource', 'template']),
  /** The URI, the URI template, or the public name. */
  key: z.string(),
  title: z.string(),
  description: z.string(),
  /** Of a prompt: what it can be told. */
  arguments: z.array(z.string()),
  source: z.string(),
  sourceId: z.string(),
  sourceKind: z.enum(['connector', 'server']),
})
export type Offer = z.infer<typeof Offer>

/** A server that is another than its owner took it for. */
export const ChangedServer = z.object({
  /** Its stable short name, and its name. */
  sourceId: z.string(),
  source: z.string(),
  /** Its tools are off until that is accepted; otherwise it is only told. */
  isHeld: z.boolean(),
  differences: z.array(Difference),
  /** SHA-256 of who it is now, to be said when it is accepted. */
  seen: z.string(),
})
export type ChangedServer = z.infer<typeof ChangedServer>

/** Of what assistants are told in the owner's words, in characters. */
export const longestNote = 500

export const toolsApi = {
  'tools.list': query(nothing, z.array(Tool)),
  /** Prompts first, then resources, each by source and name; at most 500 of a kind. */
  'tools.offers': query(nothing, z.array(Offer)),
  /** What is another in a tool than its owner took it for; empty when nothing is. HostError `tool-unknown`. */
  'tools.differences': query(z.object({ id: z.string() }), z.array(Difference)),
  /** The servers that are others than their owner took them for. */
  'tools.servers': query(nothing, z.array(ChangedServer)),
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
      /** What it does at worst, whatever it says of itself; null: what it says. One that lowers ends when the definition changes. */
      risk: Risk.nullable().optional(),
      /** What assistants are told besides; null or empty: nothing. */
      note: z.string().trim().max(longestNote).nullable().optional(),
      /**
       * Of which definition `risk` is said, as the tool's `review` said: its owner was shown that one. HostError `tool-changed` when it is
       * another by now. Left out: the one that was accepted.
       */
      seen: z.string().optional(),
    }),
    Tool,
  ),
  /**
   * What others than its owner may say of a tool: that it is off, and that it is more dangerous than it is taken for, waits, and was said
   * to be. Nobody has looked at it by that. HostError `needs-owner`.
   */
  'tools.restrict': command(
    z.object({ id: z.string(), enabled: z.literal(false).optional(), risk: Risk.optional() }),
    Tool,
  ),
  /**
   * The owner looked at these and takes them as they are now. `seen`: as the tool's `review` said. When one has changed since, none is
   * accepted. HostError `server-changed`: its server has to be looked at first.
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
  /** The owner takes a server for what it is now. `seen`: as `tools.servers` said. HostError `server-changed` when that is another by now. */
  'tools.acceptServer': command(z.object({ sourceId: z.string(), seen: z.string() }), nothing),

  'tools.changed': event(z.object({})),
}
