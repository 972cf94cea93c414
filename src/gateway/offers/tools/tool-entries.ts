import { withoutHidden } from '../../../contract/agreed/visible-text.ts'
import type { Risk } from '../../../contract/tools.ts'
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

type Published = Pick<CatalogEntry, 'published' | 'json'>

/** Makes the tools' entries; what does not change between two times is not made again. */
export class ToolEntries {
  readonly #deps: ToolEntriesDeps
  readonly #records: ToolRecords
  readonly #names = new Map<string, { wanted: string; name: string }>()
  readonly #published = new WeakMap<ToolDefinition, Published & { key: string }>()

  constructor(deps: ToolEntriesDeps, records: ToolRecords) {
    this.#deps = deps
    this.#records = records
  }

  /** Sorted by public name. `addressOf`: under which address a template of a source is to be asked for. */
  of(
    offers: readonly Offer[],
    addressOf: (source: ToolSource, uri: string) => string,
  ): readonly CatalogEntry[] {
    const tools = this.#identified(offers)
    const settings = tools.map(({ id }) => this.#deps.toolSetting(id))
    const names = this.#named(
      tools,
      settings.map(({ alias = null }) => alias),
    )
    return tools
      .map((tool, index) => this.#entryOf(tool, settings[index]!, names[index]!, addressOf))
      .sort((a, b) => compare(a.publicName, b.publicName))
  }

  /** Every tool there is, with its id; those of servers with what is remembered of them. */
  #identified(offers: readonly Offer[]): Identified[] {
    const records = this.#records
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
    const isAlias = records.isEmpty ? () => false : (this.#deps.isAlias ?? (() => false))
    const ids = publicNames(requests, kept, (name) => records.isTaken(name) || isAlias(name))
    const all = found.map((one, index) => ({
      ...one,
      id: ids[index]!,
      claim: this.#deps.riskOf(one.definition.annotations),
    }))
    records.seen(all.filter(({ source }) => source.kind === 'server'))
    return all.flatMap((one): Identified[] => {
      if (one.source.kind !== 'server') return [{ ...one, record: null }]
      const record = records.of(one.source, one.definition.name)
      return record ? [{ ...one, id: record.id, record }] : []
    })
  }

  /** The public names, remembered for servers' tools that have another than their id. */
  #named(tools: readonly Identified[], aliases: readonly (string | null)[]): string[] {
    const records = this.#records
    const requests = tools.map(({ id, source, definition }, index) => ({
      id,
      alias: aliases[index]!,
      own: source.kind === 'server' && !source.prefixed ? definition.name : null,
    }))
    const wants = requests.map(wantedName)
    const released: Parameters<ToolRecords['named']>[0][number][] = []
    for (const [index, { id, record }] of tools.entries()) {
      if (!record?.shown) continue
      if (record.shown.wanted === wants[index]) this.#names.set(id, record.shown)
      else released.push({ record, shown: null })
    }
    records.named(released)
    const given = shownNames(requests, this.#names, (name, id) => records.isAnothers(name, id))
    records.named(
      tools.flatMap(({ id, record }, index) => {
        const [wanted, name] = [wants[index]!, given[index]!]
        return record ? [{ record: records.byId(id)!, shown: wanted === id ? null : { wanted, name } }] : []
      }),
    )
    return given
  }

  #entryOf(
    { source, definition, id, claim, record }: Identified,
    { enabled, risk: override, alias = null }: ReturnType<ToolEntriesDeps['toolSetting']>,
    publicName: string,
    addressOf: (source: ToolSource, uri: string) => string,
  ): CatalogEntry {
    const isHeld = record !== null && isLess(claim, record)
    const { openWorld } = record ?? claim
    const risk = override ?? (record ?? claim).risk
    const template = templateOf(definition)
    const { published, json } = this.#publish(definition, {
      ...{ publicName, risk, openWorld, overridden: !!override || isHeld },
      ...(template !== undefined && { template: addressOf(source, template) }),
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
      review: !accepted ? { why: 'new', claim } : isHeld ? { why: 'safer', claim } : null,
      localOnly: definition.localOnly === true,
      workspaces: workspacesOf(source),
    }
  }

  #publish(definition: ToolDefinition, as: Parameters<typeof publishedTool>[1]): Published {
    const key = `${as.publicName}|${as.risk}|${as.openWorld}|${as.overridden}|${as.template ?? ''}`
    const before = this.#published.get(definition)
    if (before?.key === key) return before
    const published = publishedTool(definition, as)
    const made = { key, published, json: JSON.stringify(published) }
    this.#published.set(definition, made)
    return made
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
