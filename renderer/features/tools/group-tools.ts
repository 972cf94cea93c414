import type { Connector } from '../../../src/contract/connectors.ts'
import type { Server } from '../../../src/contract/servers.ts'
import type { Tool } from '../../../src/contract/tools.ts'

/** One place that tools come from. */
export interface ToolGroup {
  key: string
  title: string
  /** Null for what is built in. */
  server: Server | null
  /** The services that they come from, mostly one. */
  connectors: Connector[]
  tools: Tool[]
  /** False: its answers are made up until its owner set it up. */
  ready: boolean
}

/** A server's tools carry its short name, whatever the server is called. */
const belongs = (tool: Tool, server: Server) => tool.sourceKind === 'server' && tool.sourceId === server.slug

/** Servers first, as the user added them, also those without tools but no drafts; then what is built in, by name, and last what has to be set up. */
export function groupTools(
  tools: readonly Tool[],
  servers: readonly Server[],
  connectors: readonly Connector[] = [],
): ToolGroup[] {
  const groups: ToolGroup[] = servers
    .filter((server) => server.state !== 'draft')
    .map((server) => ({
      key: `server:${server.id}`,
      title: server.name,
      server,
      connectors: [],
      tools: [],
      ready: true,
    }))
  const others = new Map<string, ToolGroup>()
  for (const connector of connectors) {
    const { name } = connector.source
    const key = `connector:${name}`
    const family = others.get(key)
    if (family) {
      family.connectors.push(connector)
      family.ready ||= connector.ready
    } else {
      const { ready } = connector
      others.set(key, { key, title: name, server: null, connectors: [connector], tools: [], ready })
    }
  }
  for (const tool of tools) {
    const own = groups.find((group) => group.server && belongs(tool, group.server))
    if (own) {
      own.tools.push(tool)
      continue
    }
    const key = `${tool.sourceKind}:${tool.source}`
    const other = others.get(key)
    if (other) other.tools.push(tool)
    else
      others.set(key, { key, title: tool.source, server: null, connectors: [], tools: [tool], ready: true })
  }
  const builtIn = [...others.values()].sort(
    (a, b) => Number(b.ready) - Number(a.ready) || a.title.localeCompare(b.title),
  )
  return [...groups, ...builtIn]
}

/** Every word must occur somewhere in the tool's names, title, description or source. */
export function findTools(tools: readonly Tool[], search: string): Tool[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return tools.filter((tool) => {
    const text =
      `${tool.name} ${tool.original} ${tool.title} ${tool.description} ${tool.source}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
