import * as z from 'zod'
import { saidLater, say } from '../../locales/say.ts'
import { families } from './families/families.ts'
import { defineHealthChecks, healthExamples, type Monitor } from './families/health-checks.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { secretField, textField, type ValuesOf } from './kit/fields.ts'
import type { Looked, ServiceEvent } from './kit/service-events.ts'

const fields = {
  key: secretField({
    label: saidLater('connector.better-stack.key.label'),
    hint: saidLater('connector.better-stack.key.hint'),
    required: true,
  }),
  team: textField({
    label: saidLater('connector.better-stack.team.label'),
    hint: saidLater('connector.better-stack.team.hint'),
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Monitors = z.lazy(() =>
  z.object({
    data: z.array(
      z.object({
        attributes: z.object({
          pronounceable_name: z.string().nullish(),
          url: z.string().nullish(),
          status: z.string(),
          last_checked_at: z.string().nullish(),
        }),
      }),
    ),
    pagination: z.object({ next: z.string().nullish() }),
  }),
)
const Heartbeats = z.lazy(() =>
  z.object({
    data: z.array(z.object({ attributes: z.object({ name: z.string().nullish(), status: z.string() }) })),
    pagination: z.object({ next: z.string().nullish() }),
  }),
)

/** `validating` is up again, but not yet believed; a pending heartbeat was never heard. */
const stateOf = (said: string): Monitor['state'] =>
  said === 'up' || said === 'down' ? said : said === 'paused' || said === 'maintenance' ? 'paused' : 'unknown'

const first = (list: string, { team }: Asking['account']) =>
  `/api/v2/${list}?per_page=250${team === undefined ? '' : `&team_name=${encodeURIComponent(team)}`}`
const next = ({ pagination }: { pagination: { next?: string | null | undefined } }) => pagination.next ?? null

async function find(ask: Asking) {
  const [monitors, heartbeats] = await Promise.all([
    ask.pages(first('monitors', ask.account), Monitors, next),
    ask.pages(first('heartbeats', ask.account), Heartbeats, next),
  ])
  return {
    monitors: [
      ...monitors.pages.flatMap(({ data }) =>
        data.map(({ attributes: one }): Monitor => {
          const { status: said, url = null, last_checked_at: checkedAt = null } = one
          const name = one.pronounceable_name ?? url ?? ''
          return { name, url, kind: 'monitor', state: stateOf(said), said, checkedAt }
        }),
      ),
      ...heartbeats.pages.flatMap(({ data }) =>
        data.map(({ attributes: { name, status: said } }): Monitor => {
          const unknown = { url: null, checkedAt: null }
          return { name: name ?? '', kind: 'heartbeat', state: stateOf(said), said, ...unknown }
        }),
      ),
    ],
    more: monitors.more || heartbeats.more,
  }
}

const Incidents = z.lazy(() =>
  z.object({
    data: z.array(
      z.object({
        id: z.string(),
        attributes: z.object({
          name: z.string().nullish(),
          url: z.string().nullish(),
          cause: z.string().nullish(),
          started_at: z.string(),
          resolved_at: z.string().nullish(),
        }),
      }),
    ),
  }),
)

/** `GET /api/v2/incidents`: that one began, and that it is over. */
async function events(ask: Asking, { since }: Looked): Promise<ServiceEvent[]> {
  const { team } = ask.account
  const from = new Date(since).toISOString().slice(0, 10)
  const whose = team === undefined ? '' : `&team_name=${encodeURIComponent(team)}`
  const { data } = await ask.get(`/api/v2/incidents?per_page=50&from=${from}${whose}`, Incidents)
  return data.flatMap(({ id, attributes: one }) => {
    const monitor = one.name ?? one.url ?? ''
    const shared = { subject: monitor, url: one.url ?? null }
    const began: ServiceEvent = {
      ...{ ...shared, id, at: Date.parse(one.started_at), kind: 'incident', severity: 'major' },
      title: say('happened.down', { monitor, cause: one.cause ?? '', some: Boolean(one.cause) }),
    }
    if (!one.resolved_at) return began
    const at = Date.parse(one.resolved_at)
    const over: ServiceEvent = {
      ...{ ...shared, id: `${id} resolved`, at, kind: 'recovery', severity: 'info' },
      title: say('happened.up', { monitor }),
    }
    return [began, over]
  })
}

export const betterStack = defineConnector({
  slug: 'better-stack',
  name: 'Better Stack',
  family: families['health-checks'],
  about: saidLater('connector.better-stack.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f2540"/><path d="M7 17h4l3-7 4 13 3-6h4" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  baseUrl: 'https://uptime.betterstack.com',
  headers: ({ key }) => ({ authorization: `Bearer ${key}` }),
  fields,
  events,
  tools: [defineHealthChecks(fields, find)],
  examples: healthExamples,
  async test(ask) {
    const { data } = await ask.get(first('monitors', ask.account), Monitors)
    return saidLater('connector.better-stack.works', { count: data.length })
  },
})
