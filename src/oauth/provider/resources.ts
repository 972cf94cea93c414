import { freshMark } from '../../mcp/fresh-address.ts'
import { resourceAtOpenAi } from '../../mcp/tunnelled.ts'

/** The workspace that is served at `/mcp` itself; every other one has its name behind it. */
export const defaultWorkspace = 'default'

/** The two addresses of a workspace: MCP's own, and the one for clients of 2024-11-05 (HTTP with SSE). */
export type Transport = 'mcp' | 'sse'

/** The identifier of a protected resource (RFC 9728 §1.2), from one stored origin so that every copy is the same. */
export const resourceOf = (origin: string, workspace: string, transport: Transport = 'mcp'): string =>
  workspace === defaultWorkspace
    ? `${origin}/${transport}`
    : `${origin}/${transport}/${encodeURIComponent(workspace)}`

/** The workspace a path such as `/mcp/home` names, and by which transport; null for a path that is no resource. */
export function parseResourcePath(path: string): { workspace: string; transport: Transport } | null {
  const [, transport, name] = /^\/(mcp|sse)(?:\/([^/?#]{1,200}))?$/.exec(path) ?? []
  if (transport === undefined) return null
  if (name === undefined) return { workspace: defaultWorkspace, transport: transport as Transport }
  try {
    const workspace = decodeURIComponent(name)
    return workspace === defaultWorkspace ? null : { workspace, transport: transport as Transport }
  } catch {
    return null
  }
}

/**
 * An identifier as `resourceOf` writes it, from one with a slash at its end, which some clients and URL libraries add, with the number
 * of a fresh address (`mcp/fresh-address.ts`), or as OpenAI's tunnel names it to its clients (`mcp/tunnelled.ts`). It is the same place to whoever
 * typed it, nothing else is served there, and the token is for the plain one: nobody gets more by it.
 */
export function plainResource(resource: string): string {
  const tunnelled = resourceAtOpenAi(resource)
  if (tunnelled !== null) return tunnelled
  const unmarked = resource.slice(0, resource.length - freshMark(resource).length)
  const bare = unmarked.endsWith('/') ? unmarked.slice(0, -1) : unmarked
  return parseResource(bare) === null ? resource : bare
}

/** Takes an identifier apart again; null unless it is written exactly as `resourceOf` writes it. */
export function parseResource(resource: string): { origin: string; workspace: string } | null {
  const url = URL.parse(resource)
  const place = url === null ? null : parseResourcePath(url.pathname)
  if (url === null || place === null) return null
  const { origin } = url
  return resourceOf(origin, place.workspace, place.transport) === resource
    ? { origin, workspace: place.workspace }
    : null
}
