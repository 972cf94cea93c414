import { isSpecType } from '@modelcontextprotocol/server'
import type { Log } from '../kernel/log.ts'
import { shorten } from '../kernel/shorten.ts'
import { jsonDepth } from './json-guard.ts'
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
  ToolSource,
} from './tool-source.ts'

/** What a source has that can be shown to clients. */
export interface Offer {
  source: ToolSource
  tools: readonly ToolDefinition[]
  resources: readonly ResourceDefinition[]
  templates: readonly ResourceTemplateDefinition[]
  prompts: readonly PromptDefinition[]
}

/** Clients refuse tools far smaller than this. */
const maxBytes = 256_000
/** Deeper ones overflow the stack of whoever reads them. */
const maxDepth = 128
const maxUri = 8_192
const maxTemplate = 2_048
/** Of one kind, from one source. */
const maxItems = 10_000

/** Reads sources; one entry that breaks the protocol would make clients drop the whole list, so it is left out. */
export function createOfferReader(log: Log): (source: ToolSource) => Offer {
  /** By object: definitions are never changed, only replaced. */
  const fit = new WeakMap<object, boolean>()

  const fits = (definition: object, isValid: (definition: object) => boolean): boolean => {
    try {
      const text = JSON.stringify(definition)
      if (text.length > maxBytes || jsonDepth(Buffer.from(text), maxDepth) > maxDepth) return false
      return isValid(definition)
    } catch {
      return false
    }
  }

  function usable<T extends object>(
    source: ToolSource,
    kind: string,
    items: readonly T[],
    keyOf: (item: T) => string,
    isValid: (item: T) => boolean,
  ): readonly T[] {
    if (items.length === 0) return items
    if (items.length > maxItems)
      log.warn('catalog.too-many', { source: source.slug, kind, count: items.length })
    const seen = new Set<string>()
    return items.slice(0, maxItems).filter((item) => {
      const isObject = typeof item === 'object' && item !== null
      const known = isObject ? fit.get(item) : false
      const good = known ?? fits(item, isValid as (definition: object) => boolean)
      if (isObject) fit.set(item, good)
      const isNew = good && !seen.has(keyOf(item))
      if (isNew) seen.add(keyOf(item))
      else if (known === undefined)
        log.warn('catalog.left-out', { source: source.slug, kind, name: nameFor(item) })
      return isNew
    })
  }

  return (source) => ({
    source,
    tools: usable(
      source,
      'tool',
      source.tools(),
      (tool) => tool.name,
      (tool) => isName(tool.name) && isSpecType.Tool(tool),
    ),
    resources: usable(
      source,
      'resource',
      source.resources?.() ?? [],
      (resource) => resource.uri,
      (resource) =>
        isSpecType.Resource(resource) &&
        isStorable(resource.uri) &&
        resource.uri.length <= maxUri &&
        /^[a-z][a-z0-9+.-]*:/i.test(resource.uri),
    ),
    templates: usable(
      source,
      'resource template',
      source.resourceTemplates?.() ?? [],
      (template) => template.uriTemplate,
      (template) =>
        isSpecType.ResourceTemplate(template) &&
        isStorable(template.uriTemplate) &&
        template.uriTemplate.length <= maxTemplate,
    ),
    prompts: usable(
      source,
      'prompt',
      source.prompts?.() ?? [],
      (prompt) => prompt.name,
      (prompt) => isName(prompt.name) && isSpecType.Prompt(prompt),
    ),
  })
}

/** What names are remembered by comes back from the database as it was. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')
const isName = (name: unknown): boolean => typeof name === 'string' && name !== '' && isStorable(name)

const nameFor = (item: unknown): string => {
  const { name, uri, uriTemplate } = (item ?? {}) as Record<string, unknown>
  return shorten(String(name ?? uri ?? uriTemplate), 200)
}
