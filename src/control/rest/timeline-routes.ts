import * as z from 'zod'
import { api } from '../../contract/api.ts'
import { SentEvents, TimelineEvent, TimelineFilter } from '../../contract/timeline.ts'
import { nextOf, numberIn, pageAnswer, type RestRoute } from './rest-route.ts'

const { before, limit, search } = api['timeline.list'].input.shape
const { since, until, ...facets } = TimelineFilter.shape

/** CloudEvents 1.0, "HTTP Protocol Binding", in its three modes. */
const structured = 'application/cloudevents+json'
const batch = 'application/cloudevents-batch+json'

/** In the binary mode attributes are headers, and the body is the data. Their values are percent-encoded (section 3.1.3.2). */
function fromHeaders(headers: Readonly<Record<string, string>>, data: unknown): object {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') ? [[name.slice(3), decoded(value)]] : [],
  )
  return { ...Object.fromEntries(attributes), data }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The timeline for the user's own programs. */
export const timelineRoutes: readonly RestRoute[] = [
  {
    method: 'get',
    path: '/events',
    operationId: 'listEvents',
    summary: 'The events of the timeline, newest first',
    description: 'All that is given must hold. `since` and `until` are milliseconds since 1970.',
    query: z.object({ before, limit, search, ...facets, since, until }),
    answer: pageAnswer({ events: z.array(TimelineEvent) }),
    errors: [404],
    async run({ query }, ask) {
      const { before, search, limit, since, until, ...others } = query
      const period = { since: numberIn(since), until: numberIn(until) }
      const filter = { ...(others as TimelineFilter), ...period }
      const asked = { before, search, limit: numberIn(limit), filter }
      const events = await ask('timeline.list', asked)
      return { events, next: nextOf('timeline.list', asked, events) }
    },
  },
  {
    method: 'post',
    path: '/events',
    operationId: 'sendEvents',
    summary: 'Add events to the timeline',
    description: `CloudEvents 1.0: one as \`${structured}\` or \`application/json\`, up to 1,000 as \`${batch}\`, or one whose attributes are headers (\`ce-id\`, …) and whose data is the body. All are stored, or none. An event whose source and id are known is left as it was. \`kind\`, \`environment\`, \`version\`, \`severity\`, \`title\`, \`metric\` and \`value\` are read from extension attributes, else from \`data\`.`,
    body: z.union([
      z.looseObject({
        specversion: z.literal('1.0'),
        id: z.string(),
        source: z.string(),
        type: z.string(),
        time: z.iso.datetime({ offset: true }).optional(),
        subject: z.string().optional(),
        data: z.unknown().optional(),
      }),
      z.array(z.looseObject({})),
    ]),
    bodyTypes: [structured, batch],
    answer: { status: 200, description: 'By place: the id, and whether it was new.', schema: SentEvents },
    errors: [],
    run({ body, headers }, ask) {
      const isBinary = headers['ce-specversion'] !== undefined || headers['ce-id'] !== undefined
      const events = isBinary ? [fromHeaders(headers, body)] : Array.isArray(body) ? body : [body]
      return ask('timeline.send', { events })
    },
  },
  {
    method: 'get',
    path: '/events/{id}',
    operationId: 'getEvent',
    summary: 'One event of the timeline',
    answer: { status: 200, description: 'The event in full.', schema: TimelineEvent },
    errors: [404],
    run: ({ id }, ask) => ask('timeline.get', { id }),
  },
]
