import type { Workspace } from '../../../../src/contract/workspaces.ts'
import { useCall } from '../../../pipe/host.tsx'
import { choicesOf, type ToolChoices } from './pick-tools.ts'

/** All workspaces, the default one first; empty until they are known. */
export function useWorkspaces(): Workspace[] {
  const workspaces = useCall('workspaces.list', undefined)
  return [...(workspaces.data ?? [])].sort(
    (a, b) => Number(b.name === 'default') - Number(a.name === 'default') || a.title.localeCompare(b.title),
  )
}

/** What can be chosen in a workspace; null until it is known. */
export function useChoices(workspace: string): ToolChoices[] | null {
  const tools = useCall('tools.list', undefined)
  const workspaces = useCall('workspaces.list', undefined)
  if (!tools.data || (workspace !== 'default' && !workspaces.data)) return null
  return choicesOf(
    tools.data,
    workspaces.data?.find((one) => one.name === workspace),
  )
}

/** What a source is called, by its short name, as soon as that is known. */
export function useSourceName(): (id: string) => string {
  const tools = useCall('tools.list', undefined)
  return (id) => tools.data?.find((tool) => tool.sourceId === id)?.source ?? id
}
