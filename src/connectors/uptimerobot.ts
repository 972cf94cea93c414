import * as z from 'zod'
import { saidLater, say } from '../../locales/say.ts'
import { families } from './families/families.ts'
import { defineHealthChecks, healthExamples, type Monitor } from './families/health-checks.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { secretField, type ValuesOf } from './kit/fields.ts'
import type { Looked, ServiceEvent } from './kit/service-events.ts'

const fields = {
  key: secretField({
    label: saidLater('connector.uptimerobot.key.label'),
    hint: saidLater('connector.uptimerobot.key.hint'),
    required: true,
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Page = z.lazy(() =>
  z.object({
    data: z.array(
      z.object({
        id: z.union([z.number(), z.string()]).nullish(),
        friendlyName: z.string().nullish(),
        url: z.string().nullish(),
        type: z.string().nullish(),
        status: z.string().nullish(),
      }),
    ),
    nextLink: z.string().nullish(),
  }),
)

const states: Readonly<Record<string, Monitor['state']>> = { UP: 'up', DOWN: 'down', PAUSED: 'paused' }
const path = '/v3/monitors?limit=200'

/** `nextLink` is whole, or only what stands behind the question mark; its cursor is enough. */
function next({ nextLink }: z.infer<typeof Page>): string | null {
  const cursor = nextLink ? new URLSearchParams(nextLink.replace(/^[^?]*\?/, '')).get('cursor') : null
  return cursor === null ? null : `${path}&cursor=${encodeURIComponent(cursor)}`
}

async function find(ask: Asking) {
  const { pages, more } = await ask.pages(path, Page, next)
  const monitors = pages.flatMap(({ data }) =>
    data.map(({ friendlyName, url, type, status }): Monitor => {
      const said = status ?? ''
      const kind = type?.toUpperCase() === 'HEARTBEAT' ? 'heartbeat' : 'monitor'
      const state = states[said.toUpperCase()] ?? 'unknown'
      return { name: friendlyName ?? url ?? '', url: url || null, kind, state, said, checkedAt: null }
    }),
  )
  return { monitors, more }
}

/** What went down or came back since it was last asked. How it was before the first time is not known. */
async function events(ask: Asking, { memory }: Looked): Promise<ServiceEvent[]> {
  const { pages } = await ask.pages(path, Page, next)
  const at = ask.now()
  return pages
    .flatMap(({ data }) => data)
    .flatMap((one): ServiceEvent[] => {
      const state = states[one.status?.toUpperCase() ?? '']
      if (one.id == null || (state !== 'up' && state !== 'down')) return []
      const key = String(one.id)
      const before = memory.get(key)
      memory.set(key, state)
      if (before === undefined || before === state) return []
      const monitor = one.friendlyName ?? one.url ?? key
      return [
        {
          ...{ id: `${key} ${state} ${at}`, at, subject: monitor, url: one.url ?? null },
          ...(state === 'down'
            ? {
                kind: 'incident',
                severity: 'major',
                title: say('happened.down', { monitor, cause: '', some: false }),
              }
            : { kind: 'recovery', severity: 'info', title: say('happened.up', { monitor }) }),
        },
      ]
    })
}

export const uptimerobot = defineConnector({
  slug: 'uptimerobot',
  name: 'UptimeRobot',
  family: families['health-checks'],
  about: saidLater('connector.uptimerobot.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f6b3f"/><circle cx="16" cy="16" r="7" fill="none" stroke="#fff" stroke-width="2.4"/><path d="M13 16l2.200 2.200L19.500 14" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  baseUrl: 'https://api.uptimerobot.com',
  headers: ({ key }) => ({ authorization: `Bearer ${key}` }),
  fields,
  events,
  tools: [defineHealthChecks(fields, find)],
  examples: healthExamples,
  async test(ask) {
    const { data } = await ask.get(path, Page)
    return saidLater('connector.uptimerobot.works', { count: data.length })
  },
})
