import type { ActivityCheck, Call, Counts, DiaryDay, Usage } from '../activity.ts'
import { dayOf } from '../agreed/words/local-time.ts'

export const wholeRecord: ActivityCheck = {
  rows: 14,
  changed: [],
  more: 0,
  missing: 0,
  unsealed: 0,
  isMarked: true,
}

const isDenied = ({ outcome }: Call) => outcome === 'denied'
const isChange = ({ risk, outcome }: Call) => risk !== 'read' && outcome === 'answered'

const countsOf = (calls: readonly Call[]): Counts => ({
  calls: calls.length,
  changes: calls.filter(isChange).length,
  failed: calls.filter(({ outcome }) => outcome === 'failed').length,
  denied: calls.filter(isDenied).length,
  milliseconds: calls.reduce((sum, { duration }) => sum + (duration ?? 0), 0),
  longest: Math.max(0, ...calls.map(({ duration }) => duration ?? 0)),
})

const within = (calls: readonly Call[], since: number, until: number) =>
  calls.filter(({ at }) => at >= since && at <= until)

/** As the host adds it up, of the calls that a fake host has. */
export function fakeUsage(all: readonly Call[], since: number, until: number): Usage {
  const calls = within(all, since, until)
  const days: Usage['days'] = []
  for (let at = since; at <= until; at += 86_400_000)
    days.push({ day: dayOf(at), ...countsOf(calls.filter((call) => dayOf(call.at) === dayOf(at))) })
  const by = (key: (call: Call) => string) => [...Map.groupBy(calls, key).values()]
  return {
    days,
    tools: by(({ tool }) => tool).map((of) => ({
      tool: of[0]!.tool,
      source: of[0]!.source,
      ...countsOf(of),
    })),
    sources: by(({ source }) => source).map((of) => ({ source: of[0]!.source, ...countsOf(of) })),
    assistants: by(({ grantId }) => grantId).map((of) => ({
      grantId: of[0]!.grantId,
      clientName: of[0]!.clientName,
      ...countsOf(of),
    })),
    signIns: { signIns: { worked: 3, failed: 1 }, tokens: { worked: 41, failed: 0 } },
  }
}

export function fakeDiary(all: readonly Call[], since: number, until: number): DiaryDay[] {
  const calls = within(all, since, until)
  return [...Map.groupBy(calls, ({ at }) => dayOf(at))]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([day, ofDay]) => ({
      day,
      entries: [...Map.groupBy(ofDay, ({ grantId }) => grantId)].map(([grantId, of]) => {
        const looked = of.filter(({ risk, outcome }) => risk === 'read' && outcome === 'answered')
        return {
          grantId,
          clientName: of[0]!.clientName,
          looked: [...Map.groupBy(looked, ({ tool }) => tool).values()].map((those) => ({
            tool: those[0]!.tool,
            source: those[0]!.source,
            calls: those.length,
          })),
          changed: of.filter(isChange).toReversed(),
          more: 0,
          failed: of.filter(({ outcome }) => outcome === 'failed').length,
          denied: of.filter(isDenied).length,
        }
      }),
    }))
}
