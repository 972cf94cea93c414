import type { Tool } from '../../../../src/contract/tools.ts'
import type { Workspace } from '../../../../src/contract/workspaces.ts'

/** The tools of one source, to choose from. */
export interface ToolChoices {
  sourceId: string
  title: string
  tools: Tool[]
}

/** What can be handed on in a workspace, by source. Tools for this computer only never leave it. */
export function choicesOf(
  tools: readonly Tool[],
  workspace: Pick<Workspace, 'sources'> | undefined,
): ToolChoices[] {
  const sources = workspace?.sources ?? null
  const groups = new Map<string, ToolChoices>()
  for (const tool of tools) {
    if (tool.localOnly || (sources !== null && !sources.includes(tool.sourceId))) continue
    const group = groups.get(tool.sourceId)
    if (group) group.tools.push(tool)
    else groups.set(tool.sourceId, { sourceId: tool.sourceId, title: tool.source, tools: [tool] })
  }
  return [...groups.values()].sort((a, b) => a.title.localeCompare(b.title))
}

const idsOf = (choices: readonly ToolChoices[]) =>
  choices.flatMap((group) => group.tools.map((tool) => tool.id))

/** Chosen before, but not on the list now: their server may be stopped, and they must not be lost by that. */
export const missingFrom = (chosen: readonly string[], choices: readonly ToolChoices[]): string[] => {
  const known = new Set(idsOf(choices))
  return chosen.filter((id) => !known.has(id))
}

export const allIds = (choices: readonly ToolChoices[]): string[] => idsOf(choices)

export const onlyReading = (choices: readonly ToolChoices[]): string[] =>
  choices.flatMap((group) => group.tools.filter((tool) => tool.risk === 'read').map((tool) => tool.id))

/** Puts some tools in or takes them out, keeping the order of the rest. */
export function setIds(chosen: readonly string[], ids: readonly string[], on: boolean): string[] {
  const rest = chosen.filter((id) => !ids.includes(id))
  return on ? [...rest, ...ids] : rest
}

/** Whether all, some or none of a source's tools are chosen. */
export function shareOf(group: ToolChoices, chosen: readonly string[]): 'all' | 'some' | 'none' {
  const count = group.tools.filter((tool) => chosen.includes(tool.id)).length
  return count === 0 ? 'none' : count === group.tools.length ? 'all' : 'some'
}
