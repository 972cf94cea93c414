import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server'
import { withoutHidden } from '../../contract/agreed/visible-text.ts'
import type { Risk } from '../../contract/tools.ts'
import { plain } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import { shorten } from '../../kernel/shorten.ts'
import type { Facts } from '../../mcp/decision.ts'
import { withoutDomain } from '../../mcp/extensions.ts'
import type { Exchange, Raw, SourceMethod, ToolSource } from '../../mcp/tool-source.ts'
import type { Catalog } from '../offers/catalog.ts'
import { type CatalogEntry, factsFor, inWorkspace, sameTool } from '../offers/catalog-entry.ts'
import { addressOfOurs } from '../offers/resources/resource-address.ts'
import { definitionHash, lifeOf } from '../offers/tools/tool-records.ts'
import type { CallMethod, ClientRequest } from './client-request.ts'
import { invalidParams } from './request-params.ts'
import { argumentsHash, ToolCallFacts } from './tool-call-facts.ts'

export type TargetCatalog = Pick<Catalog, 'resolve' | 'byId' | 'prompt' | 'resource' | 'readingFacts'>

/** What a request is about, once it is known who answers it. */
export interface Target {
  method: CallMethod
  /** In the log, and as shown to the user. */
  label: string
  title: string
  source: ToolSource
  risk: Risk
  facts: Facts
  /** For the log. */
  arguments: unknown
  entry?: CatalogEntry
  /** Of the tool's server, when this was found out. */
  edition?: number
  send(exchange: Exchange): Promise<Raw>
}

/** A request for something that is not there. */
export interface Missing {
  method: CallMethod
  label: string
  arguments: unknown
  error: ProtocolError
}

export const editionOf = ({ edition }: ToolSource): number => edition?.() ?? 0

/** What an approval and a state are bound to: a tool of one server's life, run as it was then, with these arguments. SHA-256, hexadecimal; of this life of the program alone, which counts editions. */
export const targetHash = ({ entry, label, ...target }: Target): string =>
  argumentsHash(
    entry ? `${lifeOf(entry.source)} ${editionOf(entry.source)} ${entry.id}` : label,
    target.arguments as Raw,
  )

/** What the word is given for: a tool as it describes itself now, with these arguments. One that has changed since is another. */
export const approvalHash = (target: Target): string => {
  const { risk, entry } = target
  return argumentsHash(targetHash(target), {
    risk,
    definition: entry ? definitionHash(entry.definition) : null,
  })
}

/** The tool as it is now, whatever it is called by now; undefined: it is gone, or not in that workspace any more. */
export function entryNow(
  catalog: Pick<TargetCatalog, 'byId'>,
  entry: CatalogEntry | undefined,
  workspace: string,
): CatalogEntry | undefined {
  const now = entry && catalog.byId(entry.id)
  return now && inWorkspace(now.source, workspace) ? now : undefined
}

/** Whether it would be what the user was shown that runs. */
export const isAsShown = (now: CatalogEntry, { entry, risk, edition }: Target): boolean =>
  now.enabled &&
  now.accepted &&
  sameTool(now, entry!) &&
  now.risk === risk &&
  editionOf(now.source) === edition

/** What the keys of all calls of a tool begin with. */
export const keyStart = ({ entry, label }: Target): string => `${entry?.id ?? label} `

/**
 * What the same call, made again, is found by, also in the next life of the program: a tool as it describes itself, of a server as its
 * owner set it up, with these arguments. Which version answers does not matter: what was done was done.
 */
export const callKey = (target: Target): string => {
  const { entry, label } = target
  const tool = entry
    ? `${lifeOf(entry.source)} ${entry.source.identity?.().fingerprint ?? ''} ${entry.id} ${definitionHash(entry.definition)}`
    : label
  return keyStart(target) + argumentsHash(tool, target.arguments as Raw)
}

const named = (name: string) => shorten(withoutHidden(name), 100)

/** The same of a tool that is gone, and of one that was never there or is not for this workspace: nobody learns which. */
const unknownTool = (name: string): string =>
  `Unknown tool: ${named(name)}. It was removed or renamed, or is not offered here: this app's list of tools may be old. Fetch tools/list ` +
  'again, or ask the user to refresh the tools of Drawbridge in this app and to start a new chat. Home in Drawbridge says how.'

/** Sends a call to the tool, with exactly these arguments. */
export const toolSend =
  ({ source, toolName }: CatalogEntry, args: Raw): Target['send'] =>
  (exchange) =>
    source.call(toolName, args, exchange)

/** Finds out what a request is about. */
export function targetOf(catalog: TargetCatalog, request: ClientRequest): Target | Missing {
  switch (request.method) {
    case 'tools/call':
      return toolTarget(catalog, request)
    case 'prompts/get':
      return promptTarget(catalog, request)
    case 'resources/read':
      return resourceTarget(catalog, request)
    case 'completion/complete':
      return completionTarget(catalog, request)
  }
}

function toolTarget(catalog: TargetCatalog, request: ClientRequest): Target | Missing {
  const { caller, params } = request
  const name = params.name as string
  const sent = params.arguments ?? {}
  const entry = catalog.resolve(name, caller.principal.workspace)
  if (!entry) return missing('tools/call', named(name), sent, unknownTool(name))
  // A connector counts with numbers; a server gets them as they were written.
  const args = (entry.source.kind === 'connector' ? plain(sent) : sent) as Raw
  const facts = factsFor(entry, caller.principal)
  facts.call = new ToolCallFacts(entry, args, request)
  return {
    method: 'tools/call',
    label: entry.publicName,
    title: entry.title,
    source: entry.source,
    risk: entry.risk,
    facts,
    arguments: args,
    entry,
    edition: editionOf(entry.source),
    send: toolSend(entry, args),
  }
}

function promptTarget(catalog: TargetCatalog, { caller, params }: ClientRequest): Target | Missing {
  const name = params.name as string
  const entry = catalog.prompt(name, caller.principal.workspace)
  const label = `prompt ${named(name)}`
  const args = params.arguments ?? {}
  if (!entry?.source.request) return missing('prompts/get', label, args, `Unknown prompt: ${named(name)}`)
  const facts = catalog.readingFacts(entry.source, caller.principal)
  return reading('prompts/get', entry.source, facts, label, args, { ...params, name: entry.name })
}

function resourceTarget(catalog: TargetCatalog, { caller, params, era }: ClientRequest): Target | Missing {
  const uri = params.uri as string
  const label = `read ${shorten(withoutHidden(uri), 200)}`
  const { source, name = uri } = catalog.resource(uri, caller.principal) ?? {}
  if (!source?.request)
    return { method: 'resources/read', label, arguments: { uri }, error: noResource(uri, era) }
  const facts = catalog.readingFacts(source, caller.principal)
  // The page of a view is a program, and its tool has rules of its own (SEP-1865).
  if (name.startsWith('ui://')) facts.twins = null
  const theirs = name === uri ? params : { ...params, uri: name }
  const target = reading('resources/read', source, facts, label, { uri }, theirs)
  const { send } = target
  target.send = async (exchange) => {
    const result = await send(exchange)
    return shownAtOurs(name === uri ? result : underOurAddress(source, result))
  }
  return target
}

function completionTarget(catalog: TargetCatalog, { caller, params, era }: ClientRequest): Target | Missing {
  const { principal } = caller
  const ref = params.ref as { type: string; name?: string; uri?: string }
  const isPrompt = ref.type === 'ref/prompt'
  const what = isPrompt ? ref.name! : ref.uri!
  const label = `complete ${shorten(withoutHidden(what), 200)}`
  const found = isPrompt ? catalog.prompt(what, principal.workspace) : catalog.resource(what, principal)
  const { source } = found ?? {}
  if (!found || !source?.request) {
    const error = isPrompt
      ? invalidParams(`Invalid params: Unknown prompt: ${named(what)}`)
      : noResource(what, era)
    return { method: 'completion/complete', label, arguments: params, error }
  }
  const theirs = { ...params, ref: { ...ref, [isPrompt ? 'name' : 'uri']: found.name } }
  const facts = catalog.readingFacts(source, principal)
  const target = reading('completion/complete', source, facts, label, params, theirs)
  // Asked of all because one of them can; who cannot has nothing to suggest.
  if (source.capabilities?.().completions === undefined)
    target.send = async () => ({ completion: { values: [], hasMore: false } })
  return target
}

const reading = (
  method: SourceMethod,
  source: ToolSource,
  facts: Facts,
  label: string,
  args: unknown,
  params: Raw,
): Target => ({
  method,
  label,
  title: label,
  source,
  risk: 'read',
  facts,
  arguments: args,
  edition: editionOf(source),
  send: (exchange) => source.request!(method, params, exchange),
})

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

const missing = (method: CallMethod, label: string, args: unknown, message: string): Missing => ({
  method,
  label,
  arguments: args,
  error: invalidParams(message),
})

/** MCP 2026-07-28 says −32602; before it was −32002. */
export const noResource = (uri: string, era: 'legacy' | 'modern'): ProtocolError =>
  era === 'modern'
    ? new ResourceNotFoundError(uri, `Resource not found: ${named(uri)}`)
    : new ProtocolError(ProtocolErrorCode.ResourceNotFound, `Resource not found: ${named(uri)}`, { uri })
