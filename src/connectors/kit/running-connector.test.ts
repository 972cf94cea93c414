/** What one account answered is not told as what another said that its owner put in its place. */
import { expect, it } from 'vitest'
import * as z from 'zod'
import { silentLog } from '../../kernel/log/log.ts'
import { defineConnector, defineTool } from './connector.ts'
import { createConnectors } from './connectors.ts'
import { secretField } from './fields.ts'
import { createMemory, preloaded } from './testing/memory.ts'

const fields = { key: secretField({ label: 'Key', hint: 'Which.', required: true }) }
const Who = z.object({ who: z.string() })
const shop = defineConnector({
  ...{ slug: 'shop', name: 'Shop', about: 'A shop.', logo: '<svg/>', examples: ['Whose is it?'] },
  ...{ baseUrl: 'https://shop.example', fields, test: async () => 'It works.' },
  headers: ({ key }) => ({ authorization: key }),
  tools: [
    defineTool(fields, {
      ...{ name: 'whose', title: 'Whose', description: 'Whose.', input: z.strictObject({}), output: Who },
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
      answer: (_input, ask) => ask.get('/who', Who),
      say: ({ who }) => who,
      demo: () => ({ who: 'nobody' }),
    }),
  ],
  metrics: {
    sales: async (ask) => [{ unit: (await ask.get('/sales', Who)).who, step: 1, points: [] }],
  },
})

/** A service that says whose key it was shown, as soon as the `gate` is open. */
async function opened() {
  const state = { isDown: false, gate: Promise.resolve(), asked: 0, now: 0 }
  const connectors = createConnectors({
    ...createMemory(),
    async fetch(_url, init) {
      const headers = new Headers(init?.headers)
      const { isDown, gate } = state
      state.asked += 1
      await gate
      if (isDown) return new Response('', { status: 503 })
      if (headers.get('if-none-match') === '"7"') return new Response(null, { status: 304 })
      return Response.json({ who: headers.get('authorization') }, { headers: { etag: '"7"' } })
    },
    ...{ clock: { now: () => state.now }, version: '1', connectors: [preloaded(shop)], log: silentLog },
    // No time for a second attempt.
    timings: { attempt: 20_000, whole: 5_000 },
  })
  const { id } = await connectors.handlers.save({ slug: 'shop', values: { key: 'old' } })
  const { signal } = new AbortController()
  const period = { since: 0, until: 1, step: 1 }
  return {
    state,
    save: () => connectors.handlers.save({ slug: 'shop', id, values: { key: 'new' } }),
    whose: async () => JSON.stringify(await connectors.sources()[0]!.call('whose', {}, { signal })),
    sales: async () => JSON.stringify(await connectors.feeds.read('sales', period, () => true, signal)),
  }
}

it.each(['whose', 'sales'] as const)(
  'an answer that comes once the account is another is kept for none: %s',
  async (what) => {
    const shop = await opened()
    const { state, save } = shop
    const { promise, resolve: open } = Promise.withResolvers<void>()
    state.gate = promise
    const first = shop[what]()
    await expect.poll(() => state.asked).toBe(1)
    await save()
    open()
    expect(await first).toContain('old')
    state.isDown = true
    expect(await shop[what]().catch(String)).not.toContain('old')
    state.isDown = false
    expect(await shop[what]()).toContain('new')
  },
)

it.each(['whose', 'sales'] as const)(
  'nor is what the new one said told to who asked the old one, which failed: %s',
  async (what) => {
    const shop = await opened()
    const { state, save } = shop
    const { promise, resolve: open } = Promise.withResolvers<void>()
    expect(await shop[what]()).toContain('old')
    Object.assign(state, { isDown: true, gate: promise, asked: 0, now: 3_600_000 })
    const late = shop[what]().catch(String)
    await expect.poll(() => state.asked).toBe(1)
    Object.assign(state, { isDown: false, gate: Promise.resolve() })
    await save()
    expect(await shop[what]()).toContain('new')
    open()
    expect(await late).toMatch(/^[^{]*$|"problem":/)
    expect(await late).toContain('HTTP 503')
  },
)

it('what was not changed since it was asked as one account is not what another has', async () => {
  const { whose, save } = await opened()
  expect(await whose()).toContain('old')
  expect(await whose()).toContain('old')
  await save()
  expect(await whose()).toContain('new')
})

it('while an account is being changed, nothing is told of what it said before', async () => {
  const { sales, save } = await opened()
  expect(await sales()).toContain('old')
  const saving = save()
  expect(await sales()).toContain('set up anew')
  await saving
  expect(await sales()).toContain('new')
})
