/**
 * Whose a URI is. A source owns what it listed: the URI, the template and the scheme. Whoever comes
 * later and offers something there is served under an address of ours, `drawbridge:{slug}/{its own URI}`; what was settled once
 * stays settled, whatever the order of the sources, while the server is there. One that its owner stopped keeps what it has, and lends
 * it to a running one that lists the same until it is started again.
 */

import type { Log } from '../../../kernel/log/log.ts'
import type { Raw, ToolSource } from '../../../mcp/tool-source.ts'
import { matchesTemplate } from '../../../mcp/uri-template.ts'
import { type OfferEntry, workspacesOf } from '../catalog-entry.ts'
import type { KeptNames } from '../kept-names.ts'
import type { Offer } from '../offered.ts'
import { compare } from '../public-names.ts'
import { publishedResource } from '../published-offer.ts'
import { lifeOf } from '../tools/tool-records.ts'
import { type FoundResource, inOrder, parsedTemplate, resourcesIn, templatesIn } from './found-resources.ts'
import { addressOfOurs, isOurs, schemeOf, schemeOfTemplate } from './resource-address.ts'
import { patience, ResourceIndex, type SetAside } from './resource-index.ts'
import { type Aside, lendAll } from './resource-loans.ts'

/** Of one source, URIs that it listed once and does not list now. */
const mostFormer = 10_000

type Kind = 'resource' | 'template'
/** Whose the URIs and templates are, by life. */
type Owners = Record<Kind, Map<string, string>>

const nobody = (): Owners => ({ resource: new Map(), template: new Map() })

/** What is kept from one look at all sources to the next, so that nothing is settled or made twice. */
interface Memory {
  log: Log
  kept: KeptNames
  published: WeakMap<object, { key: string; published: Raw; json: string }>
  /** What is, or was once, under its own address. */
  owners: Owners
  warned: Set<string>
}

/** Makes indexes; what does not change between two of them is not made again. */
export function createResourceIndexer(
  log: Log,
  kept: KeptNames,
): (offers: readonly Offer[]) => ResourceIndex {
  const memory: Memory = { log, kept, published: new WeakMap(), owners: nobody(), warned: new Set() }
  return (offers) => new Ownership(offers, memory).settle()
}

/** One look at all sources. */
class Ownership {
  readonly #memory: Memory
  readonly #offers: readonly Offer[]
  readonly #sources: readonly ToolSource[]
  /** Names of the sources that are there, by life. */
  readonly #nameOf: ReadonlyMap<string, string>
  readonly #owners = nobody()
  /** Whose a scheme is, by life; '' stands for templates that could be anything. */
  readonly #schemes = new Map<string, string>()
  readonly #resources: OfferEntry[] = []
  readonly #templates: OfferEntry[] = []
  readonly #byUri = new Map<string, OfferEntry>()
  readonly #byTemplate = new Map<string, OfferEntry>()
  readonly #open: FoundResource[] = []
  readonly #asides: Record<Kind, Aside[]> = { resource: [], template: [] }
  /** The same as their owner sees them, by slug. */
  readonly #setAside = new Map<string, SetAside[]>()
  /** What was not told before: the first of each source and kind, and how many more. */
  readonly #news = new Map<string, { first: Record<string, unknown>; more: number }>()
  #budget = patience

  constructor(offers: readonly Offer[], memory: Memory) {
    this.#memory = memory
    this.#offers = offers
    this.#sources = offers.map(({ source }) => source)
    this.#nameOf = new Map(this.#sources.map((source) => [lifeOf(source), source.name]))
    for (const { serverId, name } of memory.kept.all('scheme'))
      if (this.#nameOf.has(serverId) && !this.#schemes.has(name)) this.#schemes.set(name, serverId)
  }

  settle(): ResourceIndex {
    const before = this.#memory.owners
    const isFull = (kind: Kind) => (life: string) => this.#memory.kept.isFull(life, kind)
    const templates = inOrder(templatesIn(this.#offers), before.template, isFull('template'))
    // Templates that were there before own what is newly listed, too.
    const older = templates.filter(
      ({ source, uri }) => before.template.get(uri) === lifeOf(source) && schemeOfTemplate(uri) !== '',
    )
    for (const one of inOrder(resourcesIn(this.#offers), before.resource, isFull('resource')))
      this.#settleResource(one, older)
    const moved = new Map(
      [...this.#setAside].map(([slug, list]) => [slug, new Set(list.map(({ own }) => own))]),
    )
    for (const one of templates) this.#settleTemplate(one)
    const lentSchemes = lendAll({
      asides: this.#asides,
      aside: this.#setAside,
      owned: this.#owners,
      resources: this.#resources,
      byUri: this.#byUri,
      templates: this.#templates,
      byTemplate: this.#byTemplate,
      entryOf: (one, field, key) => this.#entryOf(one, field, key),
      sourceOf: (life) => this.#sources.find((source) => lifeOf(source) === life),
    })
    for (const { first, more } of this.#news.values())
      this.#memory.log.warn('catalog.set-aside', more === 0 ? first : { ...first, more })
    this.#keepFormer(before.resource)
    this.#memory.owners = this.#owners
    return new ResourceIndex(
      {
        sources: this.#sources,
        resources: this.#resources.sort((a, b) => compare(a.key, b.key)),
        templates: this.#templates.sort((a, b) => compare(a.key, b.key)),
        byUri: this.#byUri,
        byTemplate: this.#byTemplate,
        setAside: this.#setAside,
        moved,
        schemes: this.#schemes,
        lentSchemes,
        open: this.#open,
      },
      this.#memory.log,
    )
  }

  #settleResource(one: FoundResource, older: readonly FoundResource[]): void {
    const { source, uri, same } = one
    const life = lifeOf(source)
    const isItsOwn = this.#memory.owners.resource.get(same) === life
    const owner =
      this.#owners.resource.get(same) ??
      (isItsOwn
        ? undefined
        : (this.#formerOwner(same) ?? this.#schemeOwner(one) ?? this.#coveredBy(one, older)))
    // It may list one thing in two ways itself.
    const other = owner === life ? undefined : owner
    if (other !== undefined || this.#isAside(source, 'resource', uri)) {
      this.#putAside(one, 'resource', other)
      if (!one.unlisted) this.#resources.push(this.#entryOf(one, 'uri', addressOfOurs(source, uri)))
      return
    }
    this.#owners.resource.set(same, life)
    this.#claim(source, schemeOf(uri))
    const entry = this.#entryOf(one, 'uri', uri)
    this.#byUri.set(uri, entry)
    if (!one.unlisted) this.#resources.push(entry)
  }

  #settleTemplate(one: FoundResource): void {
    const { source, uri } = one
    const life = lifeOf(source)
    const scheme = schemeOfTemplate(uri)
    const isAside = this.#isAside(source, 'template', uri)
    let other = this.#owners.template.get(uri)
    if (other === undefined && !isAside) {
      const owner = this.#claim(source, scheme)
      if (owner !== life) other = owner
    }
    if (other !== undefined || isAside) {
      this.#putAside(one, 'template', other)
      this.#templates.push(this.#entryOf(one, 'uriTemplate', addressOfOurs(source, uri)))
      return
    }
    this.#owners.template.set(uri, life)
    const entry = this.#entryOf(one, 'uriTemplate', uri)
    this.#byTemplate.set(uri, entry)
    this.#templates.push(entry)
    if (scheme === '') this.#open.push(one)
  }

  /** Who has the scheme; it is this source's if nobody had it. */
  #claim(source: ToolSource, scheme: string): string {
    const owner = this.#schemes.get(scheme)
    if (owner !== undefined) return owner
    const life = lifeOf(source)
    this.#schemes.set(scheme, life)
    if (source.kind === 'server') this.#memory.kept.keep(life, 'scheme', scheme, scheme)
    return life
  }

  /** Who listed it before, and is still there: leaving it out for a while gives it to nobody. */
  #formerOwner(uri: string): string | undefined {
    const life = this.#memory.owners.resource.get(uri)
    return life !== undefined && this.#nameOf.has(life) ? life : undefined
  }

  /** Whose scheme it is, where it is not known whether the source had the URI before. */
  #schemeOwner({ source, uri }: FoundResource): string | undefined {
    return this.#memory.kept.isFull(lifeOf(source), 'resource') ? this.#schemes.get(schemeOf(uri)) : undefined
  }

  #coveredBy(one: FoundResource, older: readonly FoundResource[]): string | undefined {
    for (const other of older) {
      if (other.source.slug === one.source.slug) continue
      const template = parsedTemplate(other)
      this.#budget -= 16
      // When there is too much to do it is covered, which takes nothing from anybody.
      if (this.#budget < 0) return lifeOf(other.source)
      for (const uri of new Set([one.uri, one.same])) {
        if (!template || !uri.startsWith(template.prefix)) continue
        this.#budget -= template.parts.length * uri.length
        if (this.#budget < 0 || matchesTemplate(template, uri)) return lifeOf(other.source)
      }
    }
    return undefined
  }

  #keepFormer(before: ReadonlyMap<string, string>): void {
    const former = new Map<string, number>()
    for (const [uri, life] of before) {
      const count = former.get(life) ?? 0
      if (this.#owners.resource.has(uri) || !this.#nameOf.has(life) || count === mostFormer) continue
      former.set(life, count + 1)
      this.#owners.resource.set(uri, life)
    }
  }

  /** Connectors have no life of their own that could end, and come first. */
  #isAside(source: ToolSource, kind: Kind, uri: string): boolean {
    const { kept } = this.#memory
    return isOurs(uri) || (source.kind === 'server' && kept.get(lifeOf(source), kind, uri) !== undefined)
  }

  #putAside(one: FoundResource, kind: Kind, owner: string | undefined): void {
    const { source, uri } = one
    const { kept, warned } = this.#memory
    const life = lifeOf(source)
    const address = addressOfOurs(source, uri)
    this.#asides[kind].push({ ...one, owner })
    // What would be an address of ours is never anything else.
    if (source.kind === 'server' && !isOurs(uri)) kept.keep(life, kind, uri, address)
    const list = this.#setAside.get(source.slug) ?? []
    this.#setAside.set(source.slug, list)
    list.push({ kind, own: uri, published: address, owner: (owner && this.#nameOf.get(owner)) ?? '' })
    const key = `${life} ${kind} ${uri}`
    if (warned.has(key) || warned.size > 10_000) return
    warned.add(key)
    const news = this.#news.get(`${source.slug} ${kind}`)
    if (news) news.more += 1
    else
      this.#news.set(`${source.slug} ${kind}`, {
        first: { source: source.slug, kind, uri, owner: owner ?? null, as: address },
        more: 0,
      })
  }

  #entryOf({ source, uri, definition }: FoundResource, field: string, key: string): OfferEntry {
    const { published } = this.#memory
    let made = published.get(definition)
    if (made?.key !== key) {
      const shown = publishedResource(key === uri ? definition : { ...definition, [field]: key })
      made = { key, published: shown, json: JSON.stringify(shown) }
      published.set(definition, made)
    }
    return { ...made, name: uri, source, workspaces: workspacesOf(source) }
  }
}
