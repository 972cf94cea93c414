import { say } from '../../locales/say.ts'
import { abortSignalOf, type CancelSignal } from '../kernel/cancellation.ts'
import type { Principal } from '../mcp/principal.ts'
import type { Services } from './services.ts'
import type { Timeline } from './timeline.ts'
import { timelineTools } from './tools/tool-list.ts'
import { TimelineTools } from './tools/tools.ts'

/** The timeline as assistants get it: to be read only. `isInUse`: there is one; without it, it offers nothing. */
export function createTimelineSource(timeline: Timeline, services: Services, isInUse = () => true) {
  const tools = new TimelineTools(timeline, services)
  let definitions: ReturnType<typeof timelineTools> | undefined
  return {
    ...{ slug: 'timeline', name: say('timeline.title'), prefixed: false, kind: 'connector' as const },
    tools: () => {
      if (!isInUse()) return []
      definitions ??= timelineTools()
      return definitions
    },
    /** Throws HostError when there is no answer. */
    call: (
      tool: string,
      args: Record<string, unknown>,
      {
        signal,
        principal,
        stillAllowed,
      }: { signal: CancelSignal; principal?: Principal | undefined; stillAllowed?: () => void },
    ) => tools.call(tool, args, { signal: abortSignalOf(signal), principal, stillAllowed }),
  }
}
