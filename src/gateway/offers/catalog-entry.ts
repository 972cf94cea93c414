import type { Tool as PublishedTool } from '@modelcontextprotocol/server'
import type { Risk } from '../../contract/tools.ts'
import type { CallFacts, Facts } from '../../mcp/decision.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw, ToolDefinition, ToolSource } from '../../mcp/tool-source.ts'
import { type Claim, lifeOf } from './tools/tool-records.ts'

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
  /** False: it is new, and the owner has not looked at it. */
  accepted: boolean
  /** What the owner should look at: that it is new, or says less of itself than was accepted (`claim`: what it says now). */
  review: { why: 'new' | 'safer'; claim: Claim } | null
  localOnly: boolean
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
  inGrant: principal.tools === null || principal.tools.has(entry.id),
  localOnly: entry.localOnly && principal.onThisComputer !== true,
  risk: entry.risk,
  sourceId: entry.source.kind === 'connector' ? entry.source.slug : null,
  access: principal.access,
  scopes: principal.scopes,
  pausedUntil: principal.pausedUntil ?? null,
  call,
})

/**
 * Resources and prompts are read. They are no tools that could be chosen: who was given single tools sees those of a source
 * only with all of its tools, and nothing of a source that has none.
 */
export const readingFacts = (
  source: ToolSource,
  toolIds: readonly string[],
  principal: Principal,
): Facts => ({
  enabled: true,
  accepted: true,
  inGrant:
    principal.tools === null || (toolIds.length > 0 && toolIds.every((id) => principal.tools?.has(id))),
  localOnly: false,
  risk: 'read',
  sourceId: source.kind === 'connector' ? source.slug : null,
  access: principal.access,
  scopes: principal.scopes,
  pausedUntil: principal.pausedUntil ?? null,
})

export const workspacesOf = (source: ToolSource): readonly string[] => source.workspaces ?? ['default']

export const inWorkspace = (source: ToolSource, workspace: string): boolean =>
  workspacesOf(source).includes(workspace)

/** What the user saw when asked is what runs. */
export const sameTool = (a: CatalogEntry, b: CatalogEntry): boolean =>
  a === b ||
  (a.id === b.id && lifeOf(a.source) === lifeOf(b.source) && a.toolName === b.toolName && a.json === b.json)
