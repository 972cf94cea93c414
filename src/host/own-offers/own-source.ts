import type { CatalogEntry } from '../../gateway/offers/catalog-entry.ts'
import { HostError } from '../../kernel/errors.ts'
import { noSuchTool } from '../../mcp/own-tools.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Exchange, Raw, SourceMethod, ToolSource } from '../../mcp/tool-source.ts'
import { ownPrompts, textOf } from './prompts.ts'

/** What somebody may use now. */
export type VisibleTools = (principal: Principal) => readonly CatalogEntry[]

export const connectedUri = 'connected://sources'

const resources = [
  {
    uri: connectedUri,
    name: 'connected',
    title: 'What is connected',
    description:
      'The sources that this connection may use, and the tools of each: what can be asked here at all. Made anew whenever it is read.',
    mimeType: 'application/json',
  },
]

/** Prompts and resources of ours: in every workspace, and about nothing that whoever asks may not use anyway. */
export function ownSource(visible: VisibleTools): ToolSource {
  const prompts = ownPrompts.map(({ name, title, description, arguments: args }) => ({
    ...{ name, title, description, ...(args && { arguments: args }) },
  }))
  return {
    ...{ slug: 'drawbridge', name: 'Drawbridge', prefixed: false, kind: 'connector', isOurs: true },
    tools: () => [],
    prompts: () => prompts,
    resources: () => resources,
    capabilities: () => ({ prompts: {}, resources: {} }),
    call: async (name) => {
      throw noSuchTool('Drawbridge', name)
    },
    request: async (method, params, { principal }: Exchange) => {
      const tools = principal === undefined ? [] : visible(principal)
      return method === 'prompts/get'
        ? promptFor(params, tools)
        : connectedTo(method, params, principal, tools)
    },
  }
}

function promptFor({ name, arguments: args }: Raw, tools: readonly CatalogEntry[]): Raw {
  const prompt = ownPrompts.find((one) => one.name === name)
  if (prompt === undefined) throw notThere()
  const names = new Map(tools.map(({ id, publicName }) => [id, publicName]))
  const texts = Object.entries((args ?? {}) as Raw).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  )
  const text = textOf(prompt, Object.fromEntries(texts), (tool) => names.get(tool))
  return {
    description: prompt.description,
    messages: [{ role: 'user', content: { type: 'text', text } }],
  }
}

function connectedTo(
  method: SourceMethod,
  { uri }: Raw,
  principal: Principal | undefined,
  tools: readonly CatalogEntry[],
): Raw {
  if (method !== 'resources/read' || uri !== connectedUri) throw notThere()
  const bySource = Map.groupBy(tools, ({ source }) => source)
  const connected = {
    access: principal?.access ?? null,
    workspace: principal?.workspace ?? null,
    sources: [...bySource].map(([source, entries]) => ({
      name: source.name,
      kind: source.kind,
      tools: entries.map(({ publicName, title, risk }) => ({ name: publicName, title, risk })),
    })),
    prompts: ownPrompts.map(({ name, title, description }) => ({ name, title, description })),
  }
  return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(connected, null, 1) }] }
}

const notThere = () => new HostError({ code: 'document-not-found' })
