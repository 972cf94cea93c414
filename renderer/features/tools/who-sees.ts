import type { Grant } from '../../../src/contract/access.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'

/** Tools for this computer only are for those who come from it. */
const wasHere = (origin: string | null | undefined): boolean =>
  origin != null && /^http:\/\/(?:127\.0\.0\.1|localhost)(?::|$)/.test(origin)

/** Names of those that have a tool, by their entries on the Access page. */
export function whoSees(
  tool: Pick<Tool, 'id' | 'sourceId' | 'enabled' | 'localOnly'>,
  grants: readonly Grant[],
  workspaces: readonly Workspace[],
  now: number,
): string[] {
  if (!tool.enabled) return []
  return grants
    .filter((grant) => {
      const sources = workspaces.find((one) => one.name === grant.workspace)?.sources ?? null
      return (
        (!tool.localOnly || wasHere(grant.lastOrigin)) &&
        (grant.expiresAt === null || grant.expiresAt > now) &&
        (grant.tools === null || grant.tools.includes(tool.id)) &&
        (sources === null || sources.includes(tool.sourceId))
      )
    })
    .map((grant) => grant.name)
}
