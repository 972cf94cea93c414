import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Call } from '../../../../src/contract/activity.ts'
import { ask, useCall, usePipe } from '../../../pipe/host.tsx'
import { type TitleOf, useToolTitles } from '../use-tool-titles.ts'

const DAYS = 90
/** What was called in the last months changes slowly, and adding it up takes the host a moment. */
const FRESH_MS = 5 * 60_000

export interface Choices {
  assistants: Map<string, string>
  /** By source, and there by what they call themselves; `title`: where it is another than the name. */
  tools: { tool: string; source: string; title: string | undefined }[]
  sources: string[]
}

/** What the log can be filtered by: what there is now, what was called, and what is in sight. */
export function useChoices(calls: readonly Call[]): Choices {
  const pipe = usePipe()
  const grants = useCall('grants.list', undefined)
  const tools = useCall('tools.list', undefined)
  const titleOf = useToolTitles()
  const used = useQuery({
    queryKey: ['choices-of-log'],
    queryFn: () => {
      const until = Date.now()
      return ask(pipe, 'activity.usage', { since: until - DAYS * 86_400_000, until })
    },
    staleTime: FRESH_MS,
  })
  return useMemo(() => {
    const assistants = new Map<string, string>()
    for (const { grantId, clientName } of [...(used.data?.assistants ?? []), ...calls])
      assistants.set(grantId, clientName)
    for (const { id, name } of grants.data ?? []) assistants.set(id, name)
    const offered = tools.data?.map(({ name, source }) => ({ tool: name, source })) ?? []
    const all = [...offered, ...(used.data?.tools ?? []), ...calls]
    return {
      assistants,
      tools: toolsOf(all, titleOf),
      sources: [...new Set(all.map(({ source }) => source))].sort(),
    }
  }, [calls, grants.data, tools.data, used.data, titleOf])
}

/** A name is offered once, and under what has it now: the log is narrowed down by the name alone. */
function toolsOf(all: readonly { tool: string; source: string }[], titleOf: TitleOf): Choices['tools'] {
  const sources = new Map<string, string>()
  for (const { tool, source } of all) if (!sources.has(tool)) sources.set(tool, source)
  return [...sources]
    .map(([tool, source]) => ({ tool, source, title: titleOf({ tool, source }) }))
    .sort((a, b) => a.source.localeCompare(b.source) || (a.title ?? a.tool).localeCompare(b.title ?? b.tool))
}
