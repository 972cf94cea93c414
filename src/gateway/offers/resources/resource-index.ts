import type { Log } from '../../../kernel/log/log.ts'
import type { ToolSource } from '../../../mcp/tool-source.ts'
import { matchesTemplate } from '../../../mcp/uri-template.ts'
import type { OfferEntry } from '../catalog-entry.ts'
import { lifeOf } from '../tools/tool-records.ts'
import { type FoundResource, parsedTemplate } from './found-resources.ts'
import { addressOfOurs, hasResources, isOurs, maxUri, ownScheme, schemeOf } from './resource-address.ts'

/** Something that is offered under an address of ours, because its own belongs to another source. */
export interface SetAside {
  kind: 'resource' | 'template'
  /** Its own URI, or URI template. */
  own: string
  /** What clients see. */
  published: string
  /** The source that has its own. */
  owner: string
}

/** Who is asked for a URI, and what for. */
export interface ResourceRoute {
  source: ToolSource
  /** The URI, or URI template, at the source. */
  name: string
}

/** All resources and templates of all sources, as they are now. */
export interface Settled {
  sources: readonly ToolSource[]
  /** By what clients see, sorted. */
  resources: readonly OfferEntry[]
  templates: readonly OfferEntry[]
  /** What clients get by its own address. */
  byUri: ReadonlyMap<string, OfferEntry>
  byTemplate: ReadonlyMap<string, OfferEntry>
  /** What is not offered under its own address, by the slug of its source. */
  setAside: ReadonlyMap<string, readonly SetAside[]>
  /** The URIs that are not under their own address, by slug; what is lent included. */
  moved: ReadonlyMap<string, ReadonlySet<string>>
  /** Whose a scheme is, by life, and who answers for it meanwhile. */
  schemes: ReadonlyMap<string, string>
  lentSchemes: ReadonlyMap<string, ToolSource>
  /** Templates that could be anything, all of one source. */
  open: readonly FoundResource[]
}

/**
 * How much work strangers' templates may make for one request, or one list: characters gone over. Not a time, so that the same
 * request always goes to the same source.
 */
export const patience = 2_000_000

/** Who is asked for what. */
export class ResourceIndex {
  readonly #settled: Settled
  readonly #bySlug: ReadonlyMap<string, ToolSource>
  readonly #log: Log

  constructor(settled: Settled, log: Log) {
    this.#settled = settled
    this.#bySlug = new Map(settled.sources.map((source) => [source.slug, source]))
    this.#log = log
  }

  get resources(): readonly OfferEntry[] {
    return this.#settled.resources
  }
  get templates(): readonly OfferEntry[] {
    return this.#settled.templates
  }
  get setAside(): ReadonlyMap<string, readonly SetAside[]> {
    return this.#settled.setAside
  }

  /** Under which address a URI of a source is to be asked for: its own, or one of ours. */
  addressOf(source: ToolSource, uri: string): string {
    return this.#settled.moved.get(source.slug)?.has(uri) ? addressOfOurs(source, uri) : uri
  }

  /**
   * Who has this URI or URI template: what is written in an address of ours → who listed it → whose the scheme is → who has a template
   * that could be anything → the only one that has any resources. `here`: the sources that count; `mine`: those of them that may be
   * read, which matters only for what is nobody's.
   */
  route(
    uri: string,
    here: (source: ToolSource) => boolean,
    mine: (source: ToolSource) => boolean,
  ): ResourceRoute | undefined {
    if (isOurs(uri)) return this.#atOurs(uri, here)
    const { byTemplate, byUri, sources, schemes, lentSchemes } = this.#settled
    const exact = [byTemplate.get(uri), byUri.get(uri)].find((entry) => entry && here(entry.source))
    if (exact) return { source: exact.source, name: uri }
    if (uri.length > maxUri) return undefined
    const owner = schemes.get(schemeOf(uri))
    const borrower = lentSchemes.get(schemeOf(uri))
    const able = sources.filter((source) => here(source) && hasResources(source))
    const theirs = borrower && here(borrower) ? borrower : sources.find((source) => lifeOf(source) === owner)
    // Nobody else is asked for what is somebody's here, even if that one has nothing at the moment.
    const found =
      theirs && here(theirs)
        ? able.find((source) => source === theirs)
        : (this.#openTo(able, uri) ?? only(able.filter(mine)) ?? only(able))
    return found && { source: found, name: uri }
  }

  #atOurs(uri: string, here: (source: ToolSource) => boolean): ResourceRoute | undefined {
    const slash = uri.indexOf('/')
    const source = this.#bySlug.get(uri.slice(ownScheme.length, slash))
    if (slash < 0 || !source || !here(source) || !hasResources(source)) return undefined
    return { source, name: uri.slice(slash + 1) }
  }

  /** Who has an open template that fits; gives up when there is too much to do. */
  #openTo(able: readonly ToolSource[], uri: string): ToolSource | undefined {
    const { open } = this.#settled
    if (open.length === 0 || !able.includes(open[0]!.source)) return undefined
    let left = patience
    for (const one of open) {
      const template = parsedTemplate(one)
      if (!template || !uri.startsWith(template.prefix)) continue
      left -= template.parts.length * uri.length
      if (left < 0) {
        this.#log.warn('catalog.templates-costly', { source: one.source.slug })
        return undefined
      }
      if (matchesTemplate(template, uri)) return one.source
    }
    return undefined
  }
}

const only = (sources: readonly ToolSource[]): ToolSource | undefined =>
  sources.length === 1 ? sources[0] : undefined
