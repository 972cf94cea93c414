import type { Tool as WireTool } from '@modelcontextprotocol/server'
import type { Risk } from '../../../contract/tools.ts'
import { withoutHidden } from '../../../contract/visible-text.ts'
import { templateOf } from '../../../mcp/extensions.ts'
import type { ToolAnnotations, ToolDefinition, ToolSource } from '../../../mcp/tool-source.ts'
import { type CatalogEntry, workspacesOf } from '../catalog-entry.ts'
import type { Offer } from '../offered.ts'
import { compare, nameKey, publicNames, shownNames, wantedName } from '../public-names.ts'
import { publishedTool } from './published-tool.ts'
import { type Claim, isLess, type ToolRecord, type ToolRecords } from './tool-records.ts'

export interface ToolEntriesDeps {
  riskOf(
    annotations: ToolAnnotations | undefined,
    override?: Risk,
  ): {
    risk: Risk
    openWorld: boolean
  }
  /** What the user decided about a tool, by id. */
  toolSetting(id: string): { enabled: boolean; risk?: Risk; alias?: string | null }
  /** Whether the user gave this name to some tool. */
  isAlias?(name: string): boolean
}

/** Makes the tools' entries; what does not change between two times is not made again. */
export function createToolEntries(
  deps: ToolEntriesDeps,
  records: ToolRecords,
): (offers: readonly Offer[], addressOf: (source: ToolSource, uri: string) => string) => CatalogEntry[] {
  const names = new Map<string, { wanted: string; name: string }>()
  const shown = new WeakMap<ToolDefinition, { key: string; published: WireTool; json: string }>()

  const publish = (definition: ToolDefinition, known: Parameters<typeof publishedTool>[1]) => {
    const key = `${known.publicName}|${known.risk}|${known.openWorld}|${known.overridden}|${known.template ?? ''}`
    const before = shown.get(definition)
    if (before?.key === key) return before
    const published = publishedTool(definition, known)
    const made = { key, published, json: JSON.stringify(published) }
    shown.set(definition, made)
    return made
  }

  /** Every tool there is, with its id; those of servers with what is remembered of them. */
  const identified = (offers: readonly Offer[]): Identified[] => {
    const found = offers.flatMap(({ source, tools }) => tools.map((definition) => ({ source, definition })))
    const requests = found.map(({ source, definition }) => ({
      slug: source.slug,
      tool: definition.name,
      // A connector's own names are its ids; a server keeps `slug__tool`, under whatever name it is served.
      prefixed: source.prefixed || source.kind === 'server',
      first: source.kind === 'connector',
    }))
    const kept = new Map<string, string>()
    for (const [index, { source, definition }] of found.entries()) {
      const record = source.kind === 'server' ? records.of(source, definition.name) : undefined
      if (record) kept.set(nameKey(requests[index]!), record.id)
    }
    // Those who update keep the ids they have, whatever else is called so.
    const isAlias = records.isEmpty() ? () => false : (deps.isAlias ?? (() => false))
    const ids = publicNames(requests, kept, (name) => records.isTaken(name) || isAlias(name))
    const all = found.map((one, index) => ({
      ...one,
      id: ids[index]!,
      claim: deps.riskOf(one.definition.annotations),
    }))
    records.seen(all.filter(({ source }) => source.kind === 'server'))
    return all.flatMap((one): Identified[] => {
      if (one.source.kind !== 'server') return [{ ...one, record: null }]
      const record = records.of(one.source, one.definition.name)
      return record ? [{ ...one, id: record.id, record }] : []
    })
  }

  /** The public names, remembered for servers' tools that have another than their id. */
  const named = (tools: readonly Identified[], aliases: readonly (string | null)[]): string[] => {
    const requests = tools.map(({ id, source, definition }, index) => ({
      id,
      alias: aliases[index]!,
      own: source.kind === 'server' && !source.prefixed ? definition.name : null,
    }))
    const wants = requests.map(wantedName)
    const released: Parameters<ToolRecords['named']>[0][number][] = []
    for (const [index, { id, record }] of tools.entries()) {
      if (!record?.shown) continue
      if (record.shown.wanted === wants[index]) names.set(id, record.shown)
      else released.push({ record, shown: null })
    }
    records.named(released)
    const given = shownNames(requests, names, records.isAnothers)
    records.named(
      tools.flatMap(({ id, record }, index) => {
        const [wanted, name] = [wants[index]!, given[index]!]
        return record ? [{ record: records.byId(id)!, shown: wanted === id ? null : { wanted, name } }] : []
      }),
    )
    return given
  }

  return (offers, addressOf) => {
    const tools = identified(offers)
    const settings = tools.map(({ id }) => deps.toolSetting(id))
    const nameOf = named(
      tools,
      settings.map(({ alias = null }) => alias),
    )
    return tools
      .map(({ source, definition, id, claim, record }, index): CatalogEntry => {
        const { enabled, risk: override, alias = null } = settings[index]!
        const held = record !== null && isLess(claim, record)
        const { openWorld } = record ?? claim
        const risk = override ?? (record ?? claim).risk
        const publicName = nameOf[index]!
        const own = templateOf(definition)
        const { published, json } = publish(definition, {
          ...{ publicName, risk, openWorld, overridden: !!override || held },
          ...(own !== undefined && { template: addressOf(source, own) }),
        })
        const accepted = record?.state !== 'waiting'
        return {
          id,
          publicName,
          alias,
          toolName: definition.name,
          source,
          definition,
          published,
          json,
          title: published.title ?? published.annotations?.title ?? withoutHidden(definition.name),
          risk,
          openWorld,
          enabled,
          accepted,
          review: !accepted ? { why: 'new', claim } : held ? { why: 'safer', claim } : null,
          localOnly: definition.localOnly === true,
          workspaces: workspacesOf(source),
        }
      })
      .sort((a, b) => compare(a.publicName, b.publicName))
  }
}

interface Identified {
  source: ToolSource
  definition: ToolDefinition
  id: string
  /** What it says of itself now. */
  claim: Claim
  /** Null for connectors, which are ours. */
  record: ToolRecord | null
}
