import { type Paths, pathsOf } from './paths.ts'
import { defaultWorkspace, resourceOf } from './resources.ts'

/**
 * One authorization server as the outside knows it. Each origin and workspace has its own, so that nothing crosses:
 * clients keep registrations and tokens apart by issuer (RFC 9728 §2, RFC 9207).
 */
export interface Issuer {
  /** The identifier, byte for byte the same in every document, `iss` and record (RFC 8414 §2). */
  id: string
  origin: string
  workspace: string
  /** The resource it gives tokens for, unless the one at `/sse` is asked for. */
  resource: string
  paths: Paths
}

/** The default workspace's issuer is the origin itself; that of another one has the path of its resource. */
export function issuerOf(origin: string, workspace: string): Issuer {
  const resource = resourceOf(origin, workspace)
  return {
    id: workspace === defaultWorkspace ? origin : resource,
    origin,
    workspace,
    resource,
    paths: pathsOf(workspace),
  }
}
