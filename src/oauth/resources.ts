/** The workspace that is served at `/mcp` itself; every other one has its name behind it. */
export const defaultWorkspace = 'default'

/** The identifier of a protected resource (RFC 9728 §1.2), from one stored origin so that every copy is the same. */
export const resourceOf = (origin: string, workspace: string): string =>
  workspace === defaultWorkspace ? `${origin}/mcp` : `${origin}/mcp/${encodeURIComponent(workspace)}`

/** The workspace a path such as `/mcp/home` names, or null for a path that is no resource. */
export function workspaceOfPath(path: string): string | null {
  if (path === '/mcp') return defaultWorkspace
  const name = /^\/mcp\/([^/?#]{1,200})$/.exec(path)?.[1]
  if (name === undefined) return null
  try {
    const workspace = decodeURIComponent(name)
    return workspace === defaultWorkspace ? null : workspace
  } catch {
    return null
  }
}

/** Takes an identifier apart again; null unless it is written exactly as `resourceOf` writes it. */
export function parseResource(resource: string): { origin: string; workspace: string } | null {
  const url = URL.parse(resource)
  if (url === null) return null
  const workspace = workspaceOfPath(url.pathname)
  if (workspace === null || resourceOf(url.origin, workspace) !== resource) return null
  return { origin: url.origin, workspace }
}
