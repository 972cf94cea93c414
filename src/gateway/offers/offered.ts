import { isSpecType } from '@modelcontextprotocol/server'
import { say } from '../../../locales/say.ts'
import { findingWords } from '../../contract/agreed/words/difference.ts'
import type { Server } from '../../contract/servers.ts'
import { checkable } from '../../kernel/exact-json.ts'
import { jsonProblem } from '../../kernel/json-scan.ts'
import type { Log } from '../../kernel/log/log.ts'
import { shorten } from '../../kernel/shorten.ts'
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
  ToolSource,
} from '../../mcp/tool-source.ts'
import type { PinRules } from './tools/pin-rules.ts'

/** What a source has that can be shown to clients. */
export interface Offer {
  source: ToolSource
  tools: readonly ToolDefinition[]
  resources: readonly ResourceDefinition[]
  templates: readonly ResourceTemplateDefinition[]
  prompts: readonly PromptDefinition[]
  leftOut: readonly LeftOut[]
}

/** What is not shown to clients, and why, for the owner. */
export type LeftOut = Server['leftOut'][number]

/** Numbers of what clients may see; `resources` with templates. */
export interface Offered {
  tools: number
  resources: number
  prompts: number
  leftOut: readonly LeftOut[]
}

/** `more`: what else of it is not passed on. */
export const offeredIn = (
  { tools, resources, templates, prompts, leftOut }: Offer,
  more: readonly LeftOut[],
): Offered => ({
  tools: tools.length,
  resources: resources.length + templates.length,
  prompts: prompts.length,
  leftOut: [...leftOut, ...more],
})

/** One that offers nothing yet, and says nothing to assistants, was not taken for anything either. */
export const isTakenForSomething = ({ source, tools, resources, templates, prompts }: Offer): boolean =>
  [tools, resources, templates, prompts].some((list) => list.length > 0) ||
  (source.identity?.().instructions ?? '') !== ''

/**
 * What in it is aimed at assistants: nobody can take it for good, as a tool can be taken. Null: nothing, or only what is never passed on
 * since nobody sees it.
 */
export function aimedIn(words: ToolDefinition, findingsIn: PinRules['findingsIn']): string | null {
  const found = findingsIn(words).filter(({ what }) => what !== 'hidden' && what !== 'terminal')
  return found.length === 0 ? null : found.slice(0, 3).map(findingWords).join('; ')
}

/** Clients refuse tools far smaller than this. */
const maxBytes = 256_000
/** Deeper ones overflow the stack of whoever reads them. */
const maxDepth = 128
const ofAnySize = { values: Infinity, members: Infinity, names: Infinity }
const maxUri = 8_192
const maxTemplate = 2_048
/** Of one kind, from one source. */
const maxItems = 10_000

/** Reads sources; one entry that breaks the protocol would make clients drop the whole list, so it is left out. */
export class OfferReader {
  readonly #log: Log
  /** What is wrong with it, null: nothing. By object: definitions are never changed, only replaced. */
  readonly #problems = new WeakMap<object, string | null>()
  readonly #findingsIn: PinRules['findingsIn']

  constructor(log: Log, { findingsIn }: Pick<PinRules, 'findingsIn'>) {
    this.#log = log
    this.#findingsIn = findingsIn
  }

  read(source: ToolSource): Offer {
    const leftOut: LeftOut[] = []
    return {
      source,
      tools: this.#usable(source, leftOut, toolKind, source.tools()),
      resources: this.#usable(source, leftOut, resourceKind, source.resources?.() ?? []),
      templates: this.#usable(source, leftOut, templateKind, source.resourceTemplates?.() ?? []),
      prompts: this.#usable(source, leftOut, promptKind, source.prompts?.() ?? []),
      leftOut,
    }
  }

  #usable<T extends object>(
    source: ToolSource,
    leftOut: LeftOut[],
    { kind, keyOf, isValid, words }: Kind<T>,
    items: readonly T[],
  ): readonly T[] {
    if (items.length === 0) return items
    if (items.length > maxItems)
      this.#log.warn('catalog.too-many', { source: source.slug, kind, count: items.length })
    const seen = new Set<string>()
    return items.slice(0, maxItems).filter((item) => {
      const isObject = typeof item === 'object' && item !== null
      const before = isObject ? this.#problems.get(item) : say('offers.leftOut.nothing')
      const wrong =
        before !== undefined ? before : (problemOf(item, isValid) ?? this.#aimed(source, words?.(item)))
      if (isObject) this.#problems.set(item, wrong)
      const why = wrong ?? (seen.has(keyOf(item)) ? say('offers.leftOut.twice') : null)
      if (why === null) {
        seen.add(keyOf(item))
        return true
      }
      leftOut.push({ kind, name: nameFor(item), why })
      if (before === undefined)
        this.#log.warn('catalog.left-out', { source: source.slug, kind, name: nameFor(item), why })
      return false
    })
  }

  #aimed(source: ToolSource, words: ToolDefinition | undefined): string | null {
    return words === undefined || source.kind !== 'server' ? null : aimedIn(words, this.#findingsIn)
  }
}

function problemOf<T>(definition: T, isValid: (definition: T) => boolean): string | null {
  try {
    const text = JSON.stringify(definition)
    if (text.length > maxBytes) return say('offers.leftOut.tooLong', { kilobytes: maxBytes / 1_000 })
    if (jsonProblem(Buffer.from(text), maxDepth, ofAnySize) !== null) return say('offers.leftOut.tooDeep')
    return isValid(definition) ? null : say('offers.leftOut.notMcp')
  } catch {
    return say('offers.leftOut.unwritable')
  }
}

/** One kind of what is listed: what tells two of them apart, and what is one. */
interface Kind<T> {
  kind: LeftOut['kind']
  keyOf(item: T): string
  isValid(item: T): boolean
  /** What of it assistants read as they read a tool; absent: tools wait for their owner, and what is listed of data may be anything. */
  words?(item: T): ToolDefinition
}

/** What names are remembered by comes back from the database as it was. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')
const isName = (name: unknown): boolean => typeof name === 'string' && name !== '' && isStorable(name)

const nameFor = (item: unknown): string => {
  const { name, uri, uriTemplate } = (item ?? {}) as Record<string, unknown>
  return shorten(String(name ?? uri ?? uriTemplate), 200)
}

const toolKind: Kind<ToolDefinition> = {
  kind: 'tool',
  keyOf: ({ name }) => name,
  isValid: (tool) => isName(tool.name) && isSpecType.Tool(checkable(tool)),
}
const promptKind: Kind<PromptDefinition> = {
  kind: 'prompt',
  keyOf: ({ name }) => name,
  isValid: (prompt) => isName(prompt.name) && isSpecType.Prompt(checkable(prompt)),
  words: ({ name, title, description, arguments: properties }) => ({
    ...({ name, title, description } as Pick<ToolDefinition, 'name' | 'title' | 'description'>),
    inputSchema: { properties },
  }),
}
const resourceKind: Kind<ResourceDefinition> = {
  kind: 'resource',
  keyOf: ({ uri }) => uri,
  isValid: (resource) =>
    isSpecType.Resource(checkable(resource)) &&
    isStorable(resource.uri) &&
    resource.uri.length <= maxUri &&
    /^[a-z][a-z0-9+.-]*:/i.test(resource.uri),
}
const templateKind: Kind<ResourceTemplateDefinition> = {
  kind: 'resourceTemplate',
  keyOf: ({ uriTemplate }) => uriTemplate,
  isValid: (template) =>
    isSpecType.ResourceTemplate(checkable(template)) &&
    isStorable(template.uriTemplate) &&
    template.uriTemplate.length <= maxTemplate,
}
