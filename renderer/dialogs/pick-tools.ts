import type { Tool, Workspace } from '../../src/contract/models.ts'

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

const namesOf = (choices: readonly ToolChoices[]) =>
  choices.flatMap((group) => group.tools.map((tool) => tool.name))

/** Chosen before, but not on the list now: their server may be stopped, and they must not be lost by that. */
export const missingFrom = (chosen: readonly string[], choices: readonly ToolChoices[]): string[] => {
  const known = new Set(namesOf(choices))
  return chosen.filter((name) => !known.has(name))
}

export const allNames = (choices: readonly ToolChoices[]): string[] => namesOf(choices)

export const onlyReading = (choices: readonly ToolChoices[]): string[] =>
  choices.flatMap((group) => group.tools.filter((tool) => tool.risk === 'read').map((tool) => tool.name))

/** Puts some names in or takes them out, keeping the order of the rest. */
export function setNames(chosen: readonly string[], names: readonly string[], on: boolean): string[] {
  const rest = chosen.filter((name) => !names.includes(name))
  return on ? [...rest, ...names] : rest
}

/** Whether all, some or none of a source's tools are chosen. */
export function shareOf(group: ToolChoices, chosen: readonly string[]): 'all' | 'some' | 'none' {
  const count = group.tools.filter((tool) => chosen.includes(tool.name)).length
  return count === 0 ? 'none' : count === group.tools.length ? 'all' : 'some'
}
