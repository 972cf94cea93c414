import { withoutHidden } from '../../../contract/agreed/visible-text.ts'
import type { Finding, Risk } from '../../../contract/tools.ts'
import { templateOf } from '../../../mcp/extensions.ts'
import type { ToolAnnotations, ToolDefinition, ToolSource } from '../../../mcp/tool-source.ts'
import { type CatalogEntry, workspacesOf } from '../catalog-entry.ts'
import type { Offer } from '../offered.ts'
import { compare, nameKey, publicNames, shownNames, wantedName } from '../public-names.ts'
import type { PinRules } from './pin-rules.ts'
import { prepareTool, publishedTool } from './published-tool.ts'
import { type Claim, definitionHash, type ToolRecord, type ToolRecords, worse } from './tool-records.ts'
import type { ToolSetting } from './tool-settings.ts'

export interface ToolEntriesDeps {
  riskOf(
    annotations: ToolAnnotations | undefined,
    override?: Risk,
  ): {
    risk: Risk
    openWorld: boolean
  }
  /** What the user decided about a tool, by id. */
  toolSetting(id: string): ToolSetting
  /** Whether the user gave this name to some tool. */
  isAlias?(name: string): boolean
  pins: PinRules
}

type Published = Pick<CatalogEntry, 'published' | 'json'>

/** Makes the tools' entries; what does not change between two times is not made again. */
export class ToolEntries {
  readonly #deps: ToolEntriesDeps
  readonly #records: ToolRecords
  readonly #names = new Map<string, { wanted: string; name: string }>()
  readonly #published = new WeakMap<ToolDefinition, Published & { key: string }>()
  readonly #findings = new WeakMap<ToolDefinition, readonly Finding[]>()

  constructor(deps: ToolEntriesDeps, records: ToolRecords) {
    this.#deps = deps
    this.#records = records
  }

  /** Does beforehand what costs most of a tool's entry. */
  prepare(source: ToolSource, definition: ToolDefinition): void {
    prepareTool(definition)
    if (source.kind !== 'server') return
    this.findingsOf(definition)
    definitionHash(definition)
  }

  /**
   * Sorted by public name. `addressOf`: under which address a template of a source is to be asked for. `isHeld`: whether its server has to
   * be looked at first.
   */
  of(
    offers: readonly Offer[],
    addressOf: (source: ToolSource, uri: string) => string,
    isHeld: (source: ToolSource) => boolean,
  ): readonly CatalogEntry[] {
    const tools = this.#identified(offers)
    const settings = tools.map(({ id }) => this.#deps.toolSetting(id))
    const names = this.#named(
      tools,
      settings.map(({ alias = null }) => alias),
    )
    return tools
      .map((tool, index) => this.#entryOf(tool, settings[index]!, names[index]!, addressOf, isHeld))
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
    records.seen(
      all
        .filter(({ source }) => source.kind === 'server')
        .map((one) => ({ ...one, isSuspect: this.findingsOf(one.definition).length > 0 })),
    )
    return all.flatMap((one): Identified[] => {
      if (one.source.kind !== 'server') return [{ ...one, record: null }]
      const record = records.of(one.source, one.definition.name)
      return record ? [{ ...one, id: record.id, record }] : []
    })
  }

  /** What stands in a definition that its owner should not have to look for. Looked for once. */
  findingsOf(definition: ToolDefinition): readonly Finding[] {
    let found = this.#findings.get(definition)
    if (found === undefined) {
      found = this.#deps.pins.findingsIn(definition)
      this.#findings.set(definition, found)
    }
    return found
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
    { enabled, risk: said, riskFor, alias = null, note }: ToolSetting,
    publicName: string,
    addressOf: (source: ToolSource, uri: string) => string,
    isHeld: (source: ToolSource) => boolean,
  ): CatalogEntry {
    const isSame = record === null || (record.isKept && record.definitionHash === definitionHash(definition))
    const why =
      record === null
        ? null
        : this.#deps.pins.unpinned({
            isServerHeld: isHeld(source),
            isNew: record.state === 'waiting',
            isSame,
          })
    const known = record ?? claim
    // Of one that waits: what it will be taken for when it is accepted, and until then for nothing less than it was.
    const counts = why === null ? known : claim
    const openWorld = known.openWorld || counts.openWorld
    const lowers = said !== undefined && worse(said, counts.risk) !== said
    // Said of one definition, it is not true of another.
    const override = said && (!lowers || riskFor === definitionHash(definition)) ? said : undefined
    const held = override ?? counts.risk
    const risk = why === null ? held : worse(known.risk, held)
    const template = templateOf(definition)
    const { published, json } = this.#publish(definition, {
      ...{ publicName, risk, openWorld, overridden: !!override, note },
      ...(template !== undefined && { template: addressOf(source, template) }),
    })
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
      accepted: why === null,
      review: why && { why, claim },
      override: override === undefined ? null : { risk: override, lowers },
      note: note ?? null,
      localOnly: definition.localOnly === true,
      // A connector's own names are its ids.
      twins: source.alike?.find((names) => names.includes(definition.name)) ?? null,
      workspaces: workspacesOf(source),
    }
  }

  #publish(definition: ToolDefinition, as: Parameters<typeof publishedTool>[1]): Published {
    const key = `${as.publicName}|${as.risk}|${as.openWorld}|${as.overridden}|${as.template ?? ''}|${as.note ?? ''}`
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
