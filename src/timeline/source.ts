import { say } from '../../locales/say.ts'
import { abortSignalOf, type CancelSignal } from '../kernel/cancellation.ts'
import type { Timeline } from './timeline.ts'
import { type ReadMetric, TimelineTools, timelineTools } from './tools.ts'

/** The timeline as assistants get it: to be read only. `isInUse`: there is one; without it, it offers nothing. */
export function createTimelineSource(timeline: Timeline, readMetric: ReadMetric, isInUse = () => true) {
  const tools = new TimelineTools(timeline, readMetric)
  let definitions: ReturnType<typeof timelineTools> | undefined
  return {
    ...{ slug: 'timeline', name: say('timeline.title'), prefixed: false, kind: 'connector' as const },
    tools: () => {
      if (!isInUse()) return []
      definitions ??= timelineTools()
      return definitions
    },
    /** Throws HostError when there is no answer. */
    call: (tool: string, args: Record<string, unknown>, options: { signal: CancelSignal }) =>
      tools.call(tool, args, abortSignalOf(options.signal)),
  }
}
