import type { Tool as PublishedTool } from '@modelcontextprotocol/server'
import type { Risk } from '../../contract/tools.ts'
import type { CallFacts, Facts } from '../../mcp/decision.ts'
import { identityHash } from '../../mcp/pinned.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw, ToolDefinition, ToolSource } from '../../mcp/tool-source.ts'
import { type Claim, definitionHash, lifeOf } from './tools/tool-records.ts'

/** A tool as the gateway knows it. */
export interface CatalogEntry {
  /** Stable: what grants, settings and approvals refer to. */
  id: string
  publicName: string
  alias: string | null
  /** Its name at the source. */
  toolName: string
  source: ToolSource
  /** As the source gave it. */
  definition: ToolDefinition
  /** As clients see it in `tools/list`, and the same as JSON. */
  published: PublishedTool
  json: string
  title: string
  risk: Risk
  openWorld: boolean
  enabled: boolean
  /** False: it is new, or another than the owner took it for, and he has not looked at it. */
  accepted: boolean
  /** What the owner should look at (`claim`: what it says of itself now). */
  review: { why: 'new' | 'changed' | 'identity'; claim: Claim } | null
  /** What the owner said of its risk, as far as that is true of what it is now. */
  override: { risk: Risk; lowers: boolean } | null
  note: string | null
  localOnly: boolean
  /** Ids of those that give the same in another way, its own among them; null: none does. */
  twins: readonly string[] | null
  /** As they were when it was read. */
  workspaces: readonly string[]
}

/** A resource, a resource template or a prompt as the gateway knows it. */
export interface OfferEntry {
  /** The URI, the URI template, or the public name of the prompt. */
  key: string
  /** The same at the source. */
  name: string
  source: ToolSource
  published: Raw
  json: string
  workspaces: readonly string[]
}

export const factsFor = (entry: CatalogEntry, principal: Principal, call?: CallFacts): Facts => ({
  enabled: entry.enabled,
  accepted: entry.accepted,
  waitsFor: entry.review === null ? null : entry.review.why,
  inGrant: principal.tools === null || principal.tools.has(entry.id),
  localOnly: entry.localOnly && principal.onThisComputer !== true,
  risk: entry.risk,
  openWorld: entry.openWorld,
  readBefore: null,
  sourceId: entry.source.slug,
  access: principal.access,
  scopes: principal.scopes,
  pausedUntil: principal.pausedUntil ?? null,
  twins: entry.twins ? { grantId: principal.grantId, tools: entry.twins } : null,
  call,
})

/**
 * Resources and prompts are read. `isHeld`: their server is another than its owner took it for. They are no tools that could be chosen: who was given single tools sees those of a source
 * only with all of its tools, and nothing of a source that has none. What a connector reads, its tools read too: it is off where one of
 * them is, where one would be asked about, and brings what strangers wrote where one of them does (those for this computer only tell other
 * things). The owner's *never* about a tool that reads holds here too.
 */
export const readingFacts = (
  source: ToolSource,
  tools: readonly CatalogEntry[],
  principal: Principal,
  isHeld: boolean,
): Facts => {
  const usable = tools.filter(({ enabled, accepted, localOnly }) => enabled && accepted && !localOnly)
  const isServer = source.kind === 'server'
  const readers = tools.filter(({ definition, risk, localOnly }) =>
    isServer
      ? definition.annotations?.readOnlyHint === true || risk === 'read'
      : definition.annotations?.readOnlyHint === true && !localOnly,
  )
  return {
    enabled: isServer || readers.every(({ enabled }) => enabled),
    accepted: !isHeld,
    waitsFor: isHeld ? 'identity' : null,
    inGrant:
      (source.isOurs === true ||
        principal.tools === null ||
        (usable.length > 0 && usable.every(({ id }) => principal.tools?.has(id)))) &&
      // About an address nobody can be asked.
      (isServer || principal.access === 'everything' || readers.every(({ risk }) => risk === 'read')),
    localOnly: false,
    risk: 'read',
    openWorld: isServer || tools.some(({ openWorld }) => openWorld),
    readBefore: null,
    sourceId: source.slug,
    access: principal.access,
    scopes: principal.scopes,
    pausedUntil: principal.pausedUntil ?? null,
    twins: { grantId: principal.grantId, tools: readers.map(({ id }) => id) },
  }
}

export const workspacesOf = (source: ToolSource): readonly string[] => source.workspaces ?? ['default']

export const inWorkspace = (source: ToolSource, workspace: string): boolean =>
  workspacesOf(source).includes(workspace)

/** Who answers for a tool of this source: what is pinned, and all that decides what is started; the same after a restart. */
export function identityOf(source: ToolSource): string {
  const identity = source.identity?.()
  return `${lifeOf(source)} ${identity === undefined ? '' : identityHash(identity)}`
}

/** What its name and its owner's notes are does not matter to what it does. */
export const sameTool = (now: CatalogEntry, before: CatalogEntry): boolean =>
  now === before ||
  (now.id === before.id &&
    now.toolName === before.toolName &&
    lifeOf(now.source) === lifeOf(before.source) &&
    definitionHash(now.definition) === definitionHash(before.definition))
