import * as z from 'zod'
import { saidLater } from '../../../locales/say.ts'
import type { Ask } from '../kit/ask.ts'
import { defineTool } from '../kit/connector.ts'
import type { Fields, ValuesOf } from '../kit/fields.ts'

export const healthExamples = [
  saidLater('connector.health-checks.example.status'),
  saidLater('connector.health-checks.example.down'),
  saidLater('connector.health-checks.example.paused'),
]

const states = ['down', 'unknown', 'paused', 'up'] as const
const Monitor = z.object({
  name: z.string(),
  url: z.string().nullable(),
  kind: z.enum(['monitor', 'heartbeat']),
  state: z.enum(states).describe('unknown: not checked yet, or being looked at again'),
  said: z.string().describe('The state in the words of the service'),
  checkedAt: z.string().nullable(),
})
export type Monitor = z.infer<typeof Monitor>

const listed = 100
const count = (all: readonly Monitor[], state: Monitor['state']) =>
  all.filter((one) => one.state === state).length

/** `get_health_checks`, for a service that watches. `more`: there are others that could not be read. */
export const defineHealthChecks = <F extends Fields>(
  fields: F,
  find: (ask: Ask<ValuesOf<F>>) => Promise<{ monitors: Monitor[]; more: boolean }>,
) =>
  defineTool(fields, {
    name: 'get_health_checks',
    title: 'Monitors',
    description: 'Whether the websites and services that are watched are up, and which are down.',
    input: z.strictObject({}),
    output: z.object({
      ...{
        up: z.number().int(),
        down: z.number().int(),
        paused: z.number().int(),
        unknown: z.number().int(),
      },
      more: z.boolean().describe('There are more monitors than could be read'),
      monitors: z.array(Monitor).describe('Those that are down first; a hundred at most'),
    }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    asksAll: true,
    async answer(_input, ask) {
      const { monitors, more } = await find(ask)
      const sorted = monitors.toSorted((a, b) => states.indexOf(a.state) - states.indexOf(b.state))
      return {
        ...{ up: count(monitors, 'up'), down: count(monitors, 'down') },
        ...{ paused: count(monitors, 'paused'), unknown: count(monitors, 'unknown'), more },
        monitors: sorted.slice(0, listed),
      }
    },
    say: ({ up, down, paused, unknown, more, monitors }) =>
      [
        monitors.length === 0
          ? 'Nothing is watched.'
          : down === 0
            ? `Nothing is down: ${up} up, ${paused} paused, ${unknown} unknown.`
            : `${down} down: ${monitors
                .filter(({ state }) => state === 'down')
                .slice(0, 5)
                .map(({ name }) => name)
                .join(', ')}. ${up} up, ${paused} paused, ${unknown} unknown.`,
        more ? 'There are more, which were not read.' : '',
      ]
        .filter(Boolean)
        .join(' '),
    demo: (_input, now) => ({
      ...{ up: 2, down: 1, paused: 0, unknown: 0, more: false },
      monitors: [
        { name: 'Demo API', url: 'https://api.demo.example', kind: 'monitor', state: 'down', said: 'down' },
        { name: 'Demo shop', url: 'https://demo.example', kind: 'monitor', state: 'up', said: 'up' },
        { name: 'Demo nightly backup', url: null, kind: 'heartbeat', state: 'up', said: 'up' },
      ].map((one) => ({ ...one, checkedAt: new Date(now - 60_000).toISOString() }) as Monitor),
    }),
  })
