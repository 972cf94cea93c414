/**
 * Whose a URI is. Long because that is one rule, and each part of it needs the others.
 *
 * A source owns what it listed: the URI, the template and the scheme. Whoever comes
 * later and offers something there is served under an address of ours, `drawbridge:{slug}/{its own URI}`; what was settled once
 * stays settled, whatever the order of the sources, while the server is there. One that its owner stopped keeps what it has, and lends
 * it to a running one that lists the same until it is started again.
 */

import type { Log } from '../../../kernel/log.ts'
import { templateOf } from '../../../mcp/extensions.ts'
import type { Raw, ToolSource } from '../../../mcp/tool-source.ts'
import { type OfferEntry, workspacesOf } from '../catalog-entry.ts'
import type { KeptNames } from '../kept-names.ts'
import type { Offer } from '../offered.ts'
import { compare } from '../public-names.ts'
import { publishedResource } from '../published-offer.ts'
import { lifeOf } from '../tools/tool-records.ts'
import { type Aside, lendAll } from './resource-loans.ts'
import { normalUri, normalUriOf } from './same-uri.ts'
import { matchesTemplate, parseTemplate, type Template } from './template-match.ts'

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

/** All resources and templates of all sources. */
export interface ResourceIndex {
  /** By what clients see, sorted. */
  resources: readonly OfferEntry[]
  templates: readonly OfferEntry[]
  /**
   * Who has this URI or URI template: what is written in an address of ours → who listed it → whose
   * the scheme is → who has a template that could be anything → the only one that has any resources. `here`: the sources that count; `mine`: those of
   * them that may be read, which matters only for what is nobody's.
   */
  route(
    uri: string,
    here: (source: ToolSource) => boolean,
    mine: (source: ToolSource) => boolean,
  ): ResourceRoute | undefined
  /** Under which address a URI of a source is to be asked for: its own, or one of ours. */
  addressOf(source: ToolSource, uri: string): string
  /** What is not offered under its own address, by the slug of its source. */
  setAside: ReadonlyMap<string, readonly SetAside[]>
}

/**
 * How much work strangers' templates may make for one request, or one list: characters gone over. Not a time, so that the same
 * request always goes to the same source.
 */
const patience = 2_000_000
const maxUri = 8_192
/** Of one source, URIs that it listed once and does not list now. */
const mostFormer = 10_000

/** Addresses of ours begin with this; what sources list there is never theirs. */
const ownScheme = 'drawbridge:'
export const addressOfOurs = (source: ToolSource, uri: string): string => `${ownScheme}${source.slug}/${uri}`
const isOurs = (uri: string): boolean => /^drawbridge:/i.test(uri)

const schemeOf = (uri: string) => uri.slice(0, Math.max(0, uri.indexOf(':'))).toLowerCase()

export const hasResources = (source: ToolSource): boolean =>
  source.request !== undefined &&
  ((source.resources?.().length ?? 0) > 0 ||
    (source.resourceTemplates?.().length ?? 0) > 0 ||
    source.capabilities?.().resources !== undefined)

interface Found {
  source: ToolSource
  uri: string
  /** What it is owned by: of a resource the same for all ways to write its URI. */
  same: string
  definition: Raw
  /** It is in no list: a tool names it (MCP Apps allow that). */
  unlisted?: true
}

/** Templates of tools that their source did not list. They are as much its own as if it had. */
const templatesOf = ({ source, tools, resources }: Offer): Found[] => {
  const named = new Set(tools.map(templateOf).filter((uri) => uri !== undefined && uri.length <= maxUri))
  for (const { uri } of resources) named.delete(uri)
  return [...named].map((uri) => ({
    source,
    uri: uri!,
    same: normalUri(uri!),
    definition: { uri: uri!, name: uri! },
    unlisted: true,
  }))
}

/** Makes indexes; what does not change between two of them is not made again. */
export function createResourceIndexer(
  log: Log,
  kept: KeptNames,
): (offers: readonly Offer[]) => ResourceIndex {
  const published = new WeakMap<object, { key: string; published: Raw; json: string }>()
  const parsed = new WeakMap<object, Template | null>()
  /** What is, or was once, under its own address, by kind and URI: whose it is. */
  let settled = { resource: new Map<string, string>(), template: new Map<string, string>() }
  const warned = new Set<string>()

  const templateOf = ({ definition, uri }: Pick<Found, 'definition' | 'uri'>): Template | null => {
    let template = parsed.get(definition)
    if (template === undefined) {
      template = parseTemplate(uri)
      parsed.set(definition, template)
    }
    return template
  }

  const entryOf = ({ source, uri, definition }: Found, field: string, key: string): OfferEntry => {
    let known = published.get(definition)
    if (known?.key !== key) {
      const shown = publishedResource(key === uri ? definition : { ...definition, [field]: key })
      known = { key, published: shown, json: JSON.stringify(shown) }
      published.set(definition, known)
    }
    return { ...known, name: uri, source, workspaces: workspacesOf(source) }
  }

  /** Connectors have no life of their own that could end, and come first. */
  const rememberAside = (source: ToolSource, kind: 'resource' | 'template', uri: string) => {
    if (source.kind === 'server') kept.keep(lifeOf(source), kind, uri, addressOfOurs(source, uri))
  }
  const isAside = (source: ToolSource, kind: 'resource' | 'template', uri: string): boolean =>
    isOurs(uri) || (source.kind === 'server' && kept.get(lifeOf(source), kind, uri) !== undefined)

  return (offers) => {
    const sources = offers.map(({ source }) => source)
    const nameOf = new Map(offers.map(({ source }) => [lifeOf(source), source.name]))
    const aside = new Map<string, SetAside[]>()
    const asides = { resource: [] as Aside[], template: [] as Aside[] }
    const setAside = (one: Found, kind: 'resource' | 'template', owner: string | undefined) => {
      const { source, uri } = one
      asides[kind].push({ ...one, owner })
      rememberAside(source, kind, uri)
      const list = aside.get(source.slug) ?? []
      aside.set(source.slug, list)
      const address = addressOfOurs(source, uri)
      list.push({ kind, own: uri, published: address, owner: (owner && nameOf.get(owner)) ?? '' })
      const key = `${lifeOf(source)} ${kind} ${uri}`
      if (warned.has(key) || warned.size > 10_000) return
      warned.add(key)
      log.warn('catalog.set-aside', { source: source.slug, kind, uri, owner: owner ?? null, as: address })
    }

    /** Whose a scheme is; '' stands for templates that could be anything. */
    const schemes = new Map<string, string>()
    for (const { serverId, name } of kept.all('scheme'))
      if (nameOf.has(serverId) && !schemes.has(name)) schemes.set(name, serverId)
    const claim = (source: ToolSource, scheme: string): string => {
      const owner = schemes.get(scheme)
      if (owner !== undefined) return owner
      schemes.set(scheme, lifeOf(source))
      if (source.kind === 'server') kept.keep(lifeOf(source), 'scheme', scheme, scheme)
      return lifeOf(source)
    }

    const all = (kind: 'resource' | 'template') =>
      offers.flatMap((offer) => {
        const { source, resources, templates } = offer
        return kind === 'resource'
          ? [
              ...resources.map(
                (definition): Found => ({
                  ...{ source, uri: definition.uri, definition },
                  same: normalUriOf(definition),
                }),
              ),
              ...templatesOf(offer),
            ]
          : templates.map(
              (definition): Found => ({
                ...{ source, uri: definition.uriTemplate, definition },
                same: definition.uriTemplate,
              }),
            )
      })
    /** Those that have their address already come before those that want one. */
    const inOrder = (found: Found[], owned: ReadonlyMap<string, string>) => {
      const has = ({ source, same }: Found) => owned.get(same) === lifeOf(source)
      return [...found.filter(has), ...found.filter((one) => !has(one))]
    }

    const resources: OfferEntry[] = []
    const templates: OfferEntry[] = []
    const byUri = new Map<string, OfferEntry>()
    const byTemplate = new Map<string, OfferEntry>()
    const owned = { resource: new Map<string, string>(), template: new Map<string, string>() }

    // Templates that were there before own what is newly listed, too.
    const foundTemplates = inOrder(all('template'), settled.template)
    const older = foundTemplates.filter(
      ({ source, uri }) => settled.template.get(uri) === lifeOf(source) && schemeOf(prefixOf(uri)) !== '',
    )
    let budget = patience
    const coveredBy = (one: Found): string | undefined => {
      for (const other of older) {
        if (other.source.slug === one.source.slug) continue
        const template = templateOf(other)
        budget -= 16
        // When there is too much to do it is covered, which takes nothing from anybody.
        if (budget < 0) return lifeOf(other.source)
        for (const uri of new Set([one.uri, one.same])) {
          if (!template || !uri.startsWith(template.prefix)) continue
          budget -= template.parts.length * uri.length
          if (budget < 0 || matchesTemplate(template, uri)) return lifeOf(other.source)
        }
      }
      return undefined
    }
    /** Who listed it before, and is still there: leaving it out for a while gives it to nobody. */
    const onceOf = (uri: string): string | undefined => {
      const life = settled.resource.get(uri)
      return life !== undefined && nameOf.has(life) ? life : undefined
    }
    for (const one of inOrder(all('resource'), settled.resource)) {
      const { source, uri, same } = one
      const life = lifeOf(source)
      const known = settled.resource.get(same) === life
      const owner = owned.resource.get(same) ?? (known ? undefined : (onceOf(same) ?? coveredBy(one)))
      // It may list one thing in two ways itself.
      const other = owner === life ? undefined : owner
      const entry = (key: string) => entryOf(one, 'uri', key)
      if (other !== undefined || isAside(source, 'resource', uri)) {
        setAside(one, 'resource', other)
        if (!one.unlisted) resources.push(entry(addressOfOurs(source, uri)))
        continue
      }
      owned.resource.set(same, life)
      claim(source, schemeOf(uri))
      const made = entry(uri)
      byUri.set(uri, made)
      if (!one.unlisted) resources.push(made)
    }
    const moved = new Map(
      [...aside].map(([slug, list]) => [
        slug,
        new Set(list.filter(({ kind }) => kind === 'resource').map(({ own }) => own)),
      ]),
    )

    /** Those that could be anything, all of one source. */
    const open: Found[] = []
    for (const one of foundTemplates) {
      const { source, uri } = one
      const life = lifeOf(source)
      const scheme = schemeOf(prefixOf(uri))
      const own = isAside(source, 'template', uri)
      let other = owned.template.get(uri)
      if (other === undefined && !own) {
        const owner = claim(source, scheme)
        if (owner !== life) other = owner
      }
      if (other !== undefined || own) {
        setAside(one, 'template', other)
        templates.push(entryOf(one, 'uriTemplate', addressOfOurs(source, uri)))
        continue
      }
      owned.template.set(uri, life)
      const made = entryOf(one, 'uriTemplate', uri)
      byTemplate.set(uri, made)
      templates.push(made)
      if (scheme === '') open.push(one)
    }
    const lentSchemes = lendAll({
      ...{ asides, aside, owned, resources, byUri, templates, byTemplate, entryOf },
      sourceOf: (life) => sources.find((source) => lifeOf(source) === life),
      schemeOf: (template) => schemeOf(prefixOf(template)),
    })
    const former = new Map<string, number>()
    for (const [uri, life] of settled.resource) {
      const count = former.get(life) ?? 0
      if (owned.resource.has(uri) || !nameOf.has(life) || count === mostFormer) continue
      former.set(life, count + 1)
      owned.resource.set(uri, life)
    }
    settled = owned

    /** Who has an open template that fits; gives up when there is too much to do. */
    const openTo = (able: readonly ToolSource[], uri: string): ToolSource | undefined => {
      if (open.length === 0 || !able.includes(open[0]!.source)) return undefined
      let left = patience
      for (const one of open) {
        const template = templateOf(one)
        if (!template || !uri.startsWith(template.prefix)) continue
        left -= template.parts.length * uri.length
        if (left < 0) {
          log.warn('catalog.templates-costly', { source: one.source.slug })
          return undefined
        }
        if (matchesTemplate(template, uri)) return one.source
      }
      return undefined
    }
    const bySlug = new Map(offers.map(({ source }) => [source.slug, source]))
    const sorted = (entries: OfferEntry[]) => entries.sort((a, b) => compare(a.key, b.key))

    return {
      resources: sorted(resources),
      templates: sorted(templates),
      setAside: aside,
      addressOf: (source, uri) => (moved.get(source.slug)?.has(uri) ? addressOfOurs(source, uri) : uri),
      route(uri, here, mine) {
        if (isOurs(uri)) {
          const slash = uri.indexOf('/')
          const source = bySlug.get(uri.slice(ownScheme.length, slash))
          if (slash < 0 || !source || !here(source) || !hasResources(source)) return undefined
          return { source, name: uri.slice(slash + 1) }
        }
        const exact = [byTemplate.get(uri), byUri.get(uri)].find((entry) => entry && here(entry.source))
        if (exact) return { source: exact.source, name: uri }
        if (uri.length > maxUri) return undefined
        const owner = schemes.get(schemeOf(uri))
        const borrower = lentSchemes.get(schemeOf(uri))
        const able = sources.filter((source) => here(source) && hasResources(source))
        const theirs =
          borrower && here(borrower) ? borrower : sources.find((source) => lifeOf(source) === owner)
        // Nobody else is asked for what is somebody's here, even if that one has nothing at the moment.
        const found =
          theirs && here(theirs)
            ? able.find((source) => source === theirs)
            : (openTo(able, uri) ?? only(able.filter(mine)) ?? only(able))
        return found && { source: found, name: uri }
      },
    }
  }
}

const only = (sources: readonly ToolSource[]): ToolSource | undefined =>
  sources.length === 1 ? sources[0] : undefined

/** What every URI of a template begins with. */
const prefixOf = (template: string): string => {
  const at = template.indexOf('{')
  return at < 0 ? template : template.slice(0, at)
}
