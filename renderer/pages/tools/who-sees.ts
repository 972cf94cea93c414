import type { Grant, Tool, Workspace } from '../../../src/contract/models.ts'

/** Names of those that have a tool, by their entries on the Access page. */
export function whoSees(
  tool: Pick<Tool, 'id' | 'sourceId' | 'enabled' | 'localOnly'>,
  grants: readonly Grant[],
  workspaces: readonly Workspace[],
  now: number,
): string[] {
  if (!tool.enabled || tool.localOnly) return []
  return grants
    .filter((grant) => {
      const sources = workspaces.find((one) => one.name === grant.workspace)?.sources ?? null
      return (
        (grant.expiresAt === null || grant.expiresAt > now) &&
        (grant.tools === null || grant.tools.includes(tool.id)) &&
        (sources === null || sources.includes(tool.sourceId))
      )
    })
    .map((grant) => grant.name)
}
