import type { Client, Tool } from '@modelcontextprotocol/client'
import { tooDeep } from './depth.ts'

/** Nobody offers more in earnest, and a client could not use them. */
const maxTools = 2_000

/** Every page of a server's tools, in its order. A tool that comes twice, or nested without end, is left out. */
export async function listTools(client: Client, signal: AbortSignal): Promise<readonly Tool[]> {
  // The SDK prints a line to the terminal when asked for tools that were not offered.
  if (!client.getServerCapabilities()?.tools) return []
  const { tools } = await client.listTools(undefined, { signal, cacheMode: 'refresh' })
  const byName = new Map<string, Tool>()
  for (const tool of tools.slice(0, maxTools))
    if (!byName.has(tool.name) && !tooDeep(tool)) byName.set(tool.name, tool)
  return [...byName.values()]
}
