import * as z from 'zod'
import {
  ActivityCheck,
  ActivityFilter,
  Call,
  CallDetails,
  DiaryDay,
  type ExportFormat,
  exportTypes,
  Usage,
} from '../../contract/activity.ts'
import { api, type Input } from '../../contract/api.ts'
import { type Ask, nextOf, numberIn, pageAnswer, type RestRoute, type Streamed } from './rest-route.ts'

const { before, limit, search } = api['activity.list'].input.shape
const Narrowed = z.object({ search, ...ActivityFilter.shape })
const Period = api['activity.usage'].input.partial()
/** What times are in an address; `YYYY-MM-DD` would leave open where. */
const inMilliseconds = '`since` and `until` are milliseconds since 1970.'

type Query = Readonly<Record<string, string>>

function narrowed({ search, since, until, ...query }: Query): {
  search?: string | undefined
  filter?: ActivityFilter | undefined
} {
  const facets = Object.fromEntries(
    Object.entries(query).filter(([name]) => Object.hasOwn(ActivityFilter.shape, name)),
  )
  const filter = {
    ...facets,
    ...(since !== undefined && { since: numberIn(since)! }),
    ...(until !== undefined && { until: numberIn(until)! }),
  }
  return { ...(search !== undefined && { search }), ...(Object.keys(filter).length > 0 && { filter }) }
}

async function* exported(ask: Ask, asked: Input<'activity.export'>): AsyncGenerator<string> {
  for (let after = asked.after; ; ) {
    const { text, next } = await ask('activity.export', { ...asked, ...(after && { after }) })
    if (text !== '') yield text
    if (next === null) return
    after = next
  }
}

/** Today, where nothing else is said. */
const periodOf = ({ since, until }: Query): Input<'activity.usage'> => ({
  since: numberIn(since) ?? new Date().setHours(0, 0, 0, 0),
  until: numberIn(until) ?? Date.now(),
})

/** Reading all that is kept of calls. */
export const activityRoutes: readonly RestRoute[] = [
  {
    method: 'get',
    path: '/activity',
    operationId: 'listActivity',
    summary: 'The call log, newest first',
    description: `All that is given must hold. ${inMilliseconds}`,
    query: z.object({ before, limit, ...Narrowed.shape }),
    answer: pageAnswer({ calls: z.array(Call) }),
    errors: [],
    async run({ query }, ask) {
      const asked = { ...narrowed(query), before: query.before, limit: numberIn(query.limit) }
      const calls = await ask('activity.list', asked)
      return { calls, next: nextOf('activity.list', asked, calls) }
    },
  },
  {
    method: 'get',
    path: '/activity/export',
    operationId: 'exportActivity',
    summary: 'The call log as a file, oldest first',
    description: `With its chain: \`seq\` is the place of a row, \`link\` what ties it to the one before. Sent in parts, each made once the last one was taken. ${inMilliseconds}`,
    query: z.object({
      format: api['activity.export'].input.shape.format.default('jsonl'),
      ...Narrowed.shape,
    }),
    answer: { status: 200, description: 'As the format says; it is whole when the answer ends in order.' },
    streams: Object.values(exportTypes),
    errors: [],
    async run({ query }, ask): Promise<Streamed> {
      const format = (query.format ?? 'jsonl') as ExportFormat
      return {
        type: exportTypes[format] ?? exportTypes.jsonl,
        parts: exported(ask, { format, ...narrowed(query) }),
      }
    },
  },
  {
    method: 'get',
    path: '/activity/check',
    operationId: 'checkActivity',
    summary: 'Whether the call log was changed outside Drawbridge',
    description: 'Goes over all of it, which takes some seconds for a million rows.',
    answer: { status: 200, description: 'What was found.', schema: ActivityCheck },
    errors: [],
    run: (_request, ask) => ask('activity.check', undefined),
  },
  {
    method: 'get',
    path: '/activity/usage',
    operationId: 'getUsage',
    summary: 'How often what was called, and how it went',
    description: `Of whole local days, 366 at most. Today when neither is given. ${inMilliseconds}`,
    query: Period,
    answer: { status: 200, description: 'By day, tool, source and assistant.', schema: Usage },
    errors: [],
    run: ({ query }, ask) => ask('activity.usage', periodOf(query)),
  },
  {
    method: 'get',
    path: '/activity/diary',
    operationId: 'getDiary',
    summary: 'What each assistant did, day by day',
    description: `Of whole local days, 62 at most, newest first. Today when neither is given. ${inMilliseconds}`,
    query: Period,
    answer: {
      status: 200,
      description: 'Days on which something was called.',
      schema: z.object({ days: z.array(DiaryDay) }),
    },
    errors: [],
    run: async ({ query }, ask) => ({ days: await ask('activity.diary', periodOf(query)) }),
  },
  {
    method: 'get',
    path: '/activity/{id}',
    operationId: 'getCall',
    summary: 'One call',
    answer: { status: 200, description: 'The call in full.', schema: CallDetails },
    errors: [404],
    run: ({ id }, ask) => ask('activity.get', { id }),
  },
]
