import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  specTypeSchemas,
} from '@modelcontextprotocol/server'
import type { Risk } from '../../contract/tools.ts'
import { withoutHidden } from '../../contract/visible-text.ts'
import { plain } from '../../kernel/exact-json.ts'
import { shorten } from '../../kernel/shorten.ts'
import { withoutDomain } from '../../mcp/extensions.ts'
import type { Exchange, Raw, ToolSource } from '../../mcp/tool-source.ts'
import type { Catalog } from '../offers/catalog.ts'
import { type CatalogEntry, type Facts, factsFor } from '../offers/catalog-entry.ts'
import { addressOfOurs } from '../offers/resources/resources.ts'
import { lifeOf } from '../offers/tools/tool-records.ts'
import type { Principal } from './caller.ts'
import { argumentsHash } from './canonical-json.ts'
import type { ClientRequest } from './client-request.ts'

export type Method = ClientRequest['method']
export type TargetCatalog = Pick<Catalog, 'resolve' | 'prompt' | 'resource' | 'readingFacts'>

/** What a request is about, once it is known who answers it. */
export interface Target {
  method: Method
  /** In the log, and in questions to the user. */
  label: string
  title: string
  source: ToolSource
  risk: Risk
  facts: Facts
  /** For the log. */
  arguments: unknown
  entry?: CatalogEntry
  send(exchange: Exchange): Promise<Raw>
}

/** A request for something that is not there. */
export interface Missing {
  method: Method
  label: string
  arguments: unknown
  error: ProtocolError
}

/** What an approval and a state are bound to: a tool of one server's life, run as it was then, with these arguments. SHA-256, hexadecimal. */
export const targetHash = ({ entry, label, ...target }: Target): string =>
  argumentsHash(
    entry ? `${lifeOf(entry.source)} ${entry.source.edition ?? 0} ${entry.id}` : label,
    target.arguments as Raw,
  )

const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const named = (name: string) => shorten(withoutHidden(name), 100)

/** Finds out what a request is about. Throws ProtocolError −32602 when its params are not what they should be. */
export function createTargets(catalog: TargetCatalog) {
  return (principal: Principal, { method, params, client }: ClientRequest): Target | Missing => {
    switch (method) {
      case 'tools/call':
        return toolTarget(principal, params)
      case 'prompts/get':
        return promptTarget(principal, checked('GetPromptRequestParams', params))
      case 'resources/read':
        return resourceTarget(principal, checked('ReadResourceRequestParams', params), client.era)
      case 'completion/complete':
        return completionTarget(principal, checked('CompleteRequestParams', params), client.era)
      default:
        throw new ProtocolError(ProtocolErrorCode.MethodNotFound, 'Method not found')
    }
  }

  function toolTarget(principal: Principal, params: Raw): Target | Missing {
    const { name, arguments: given } = params
    if (typeof name !== 'string') throw invalid('name must be a text')
    if (given !== undefined && !isObject(given)) throw invalid('arguments must be an object')
    const sent = given ?? {}
    const entry = catalog.resolve(name, principal.workspace)
    if (!entry)
      return {
        method: 'tools/call',
        label: named(name),
        arguments: sent,
        error: new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${named(name)}`),
      }
    const { source, toolName } = entry
    // A connector counts with numbers; a server gets them as they were written.
    const args = (source.kind === 'connector' ? plain(sent) : sent) as Raw
    return {
      method: 'tools/call',
      label: entry.publicName,
      title: entry.title,
      source,
      risk: entry.risk,
      facts: factsFor(entry, principal),
      arguments: args,
      entry,
      send: (exchange) => source.call(toolName, args, exchange),
    }
  }

  function promptTarget(principal: Principal, params: Raw): Target | Missing {
    const name = params.name as string
    const entry = catalog.prompt(name, principal.workspace)
    const label = `prompt ${named(name)}`
    const args = params.arguments ?? {}
    return entry?.source.request
      ? reading('prompts/get', principal, entry.source, label, args, { ...params, name: entry.name })
      : missing('prompts/get', label, args, `Unknown prompt: ${named(name)}`)
  }

  function resourceTarget(principal: Principal, params: Raw, era: 'legacy' | 'modern'): Target | Missing {
    const uri = params.uri as string
    const label = `read ${shorten(withoutHidden(uri), 200)}`
    const { source, name = uri } = catalog.resource(uri, principal) ?? {}
    if (source?.request && name !== uri) {
      const theirs = { ...params, uri: name }
      const target = reading('resources/read', principal, source, label, { uri }, theirs)
      const { send } = target
      target.send = async (exchange) => shownAtOurs(underOurAddress(source, await send(exchange)))
      return target
    }
    if (source?.request) {
      const target = reading('resources/read', principal, source, label, { uri }, params)
      const { send } = target
      target.send = async (exchange) => shownAtOurs(await send(exchange))
      return target
    }
    return { method: 'resources/read', label, arguments: { uri }, error: noResource(uri, era) }
  }

  function completionTarget(principal: Principal, params: Raw, era: 'legacy' | 'modern'): Target | Missing {
    const ref = params.ref as { type: string; name?: string; uri?: string }
    const what = ref.type === 'ref/prompt' ? ref.name! : ref.uri!
    const label = `complete ${shorten(withoutHidden(what), 200)}`
    const prompt = ref.type === 'ref/prompt' ? catalog.prompt(what, principal.workspace) : undefined
    const resource = ref.type === 'ref/prompt' ? undefined : catalog.resource(what, principal)
    const source = (prompt ?? resource)?.source
    if (!source?.request) {
      const error =
        ref.type === 'ref/prompt' ? invalid(`Unknown prompt: ${named(what)}`) : noResource(what, era)
      return { method: 'completion/complete', label, arguments: params, error }
    }
    const theirs = prompt
      ? { ...params, ref: { ...ref, name: prompt.name } }
      : resource && resource.name !== what
        ? { ...params, ref: { ...ref, uri: resource.name } }
        : params
    const target = reading('completion/complete', principal, source, label, params, theirs)
    // Asked of all because one of them can; who cannot has nothing to suggest.
    if (source.capabilities?.().completions === undefined)
      target.send = async () => ({ completion: { values: [], hasMore: false } })
    return target
  }

  function reading(
    method: Exclude<Method, 'tools/call'>,
    principal: Principal,
    source: ToolSource,
    label: string,
    args: unknown,
    params: Raw,
  ): Target {
    return {
      method,
      label,
      title: label,
      source,
      risk: 'read',
      facts: catalog.readingFacts(source, principal),
      arguments: args,
      send: (exchange) => source.request!(method, params, exchange),
    }
  }
}

/** What is drawn is drawn for who is connected to us: see `withoutDomain`. */
function shownAtOurs(result: Raw): Raw {
  if (!Array.isArray(result.contents)) return result
  let changed = false
  const contents = result.contents.map((item: unknown) => {
    const meta = isObject(item) ? withoutDomain(item._meta) : undefined
    if (!isObject(item) || meta === item._meta) return item
    changed = true
    return { ...item, _meta: meta }
  })
  return changed ? { ...result, contents } : result
}

/** What was read by an address of ours comes back under such. */
function underOurAddress(source: ToolSource, result: Raw): Raw {
  if (!Array.isArray(result.contents)) return result
  const contents = result.contents.map((item: unknown) =>
    isObject(item) && typeof item.uri === 'string' ? { ...item, uri: addressOfOurs(source, item.uri) } : item,
  )
  return { ...result, contents }
}

const missing = (method: Method, label: string, args: unknown, message: string): Missing => ({
  method,
  label,
  arguments: args,
  error: new ProtocolError(ProtocolErrorCode.InvalidParams, message),
})

const invalid = (what: string) =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, `Invalid params: ${what}`)

/** MCP 2026-07-28 says −32602; before it was −32002. */
export const noResource = (uri: string, era: 'legacy' | 'modern'): ProtocolError =>
  era === 'modern'
    ? new ResourceNotFoundError(uri, `Resource not found: ${named(uri)}`)
    : new ProtocolError(ProtocolErrorCode.ResourceNotFound, `Resource not found: ${named(uri)}`, { uri })

/** The params as they came, when they have the shape the protocol says. */
function checked(
  name: 'GetPromptRequestParams' | 'ReadResourceRequestParams' | 'CompleteRequestParams',
  params: Raw,
): Raw {
  const outcome = specTypeSchemas[name]['~standard'].validate(params)
  if (outcome instanceof Promise) throw new Error('an asynchronous schema')
  if (!outcome.issues) return params
  const [issue] = outcome.issues
  const path = issue?.path?.map((step) => (typeof step === 'object' ? step.key : step)).join('.')
  throw invalid(shorten(`${path ? `${path}: ` : ''}${issue?.message ?? 'wrong shape'}`, 300))
}
