import type { HandlersOf } from '../contract/definition.ts'
import type { timelineApi } from '../contract/timeline.ts'
import type { Timeline } from './timeline.ts'
import type { WatchedFile } from './watched-file.ts'

export const timelineHandlers = (timeline: Timeline, file: WatchedFile): HandlersOf<typeof timelineApi> => ({
  'timeline.list': ({ filter = {}, ...page }) => timeline.list({ ...filter, ...page }),
  'timeline.get': ({ id }) => timeline.get(id),
  'timeline.send': ({ events }) => timeline.send(events),
  async 'timeline.overview'() {
    const kinds = new Map<string, number>()
    const environments = new Map<string, number>()
    let total = 0
    await timeline.sumUp(0, Number.MAX_SAFE_INTEGER, ({ kind, environment, source, events }) => {
      if (source !== '') return
      total += events
      kinds.set(kind, (kinds.get(kind) ?? 0) + events)
      if (environment !== '') environments.set(environment, (environments.get(environment) ?? 0) + events)
    })
    return {
      total,
      kinds: most(kinds),
      environments: most(environments),
      since: timeline.since(),
      file: file.state(),
      refused: timeline.table.refused(),
    }
  },
})

/** As many as a list to choose from can hold. */
const most = (counts: Map<string, number>): string[] =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 50)
    .map(([name]) => name)
