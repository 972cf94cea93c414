/** What was taken back, or is another by now, while a call waited within its source: for a program to start, or for a key. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { defineConnector, defineTool } from '../connectors/kit/connector.ts'
import { createConnectors } from '../connectors/kit/connectors.ts'
import { addressField, secretField } from '../connectors/kit/fields.ts'
import { createMemory, preloaded } from '../connectors/kit/testing/memory.ts'
import { callerOf, makePipeline, principalOf } from '../gateway/testing/fixture-pipeline.ts'
import { silentLog } from '../kernel/log/log.ts'
import { closeAll, exchange, fixture, setUp, sourceOf, stdio } from '../servers/testing/setup.ts'

let house: ReturnType<typeof makePipeline> | undefined
afterEach(async () => {
  house?.stop()
  await closeAll()
})

const call = (name: string, access: 'ask' | 'everything' = 'everything') =>
  house!.request('tools/call', { name, arguments: {} }, {}, callerOf(principalOf({ access })))

async function say(choice: 'once' | 'tool' | 'exact'): Promise<void> {
  await vi.waitFor(() => expect(house!.approvals.list()).toHaveLength(1))
  const { id } = house!.approvals.list()[0]!
  house!.approvals.decide(id, choice, house!.approvals.get(id).seen)
}

it.each(['level', 'rule', 'once'] as const)(
  'a call that waits for its program to start, by %s, does not run once that is taken back',
  async (by) => {
    const { servers } = setUp({ start: 9_000, firstBackoff: 30 })
    const { id } = await servers.add(stdio('Notes', [fixture, '--slow-start', '2000'], {}))
    const source = sourceOf(servers, 'notes')
    house = makePipeline([source])
    const access = by === 'level' ? 'everything' : 'ask'
    const tool = 'notes__argv'
    if (by === 'rule') {
      const first = call(tool, access)
      await say('exact')
      expect(await first).not.toHaveProperty('isError')
    }
    await source.call('die', {}, exchange()).catch(() => {})
    const state = () => servers.list().find((one) => one.id === id)!.state
    await vi.waitFor(() => expect(state()).toMatch(/waiting|starting/), { timeout: 5_000, interval: 5 })
    const answer = call(tool, access)
    if (by === 'once') await say('once')
    await sleep(100)
    if (by === 'rule') for (const rule of house.rules.list()) house.rules.revoke(rule.id)
    else {
      for (const one of house.catalog.all()) house.settings.set(one.id, { enabled: false })
      house.catalog.refresh()
    }
    const code = by === 'rule' ? 'rule-ended' : 'disabled'
    expect(await answer).toMatchObject({ isError: true, _meta: { 'drawbridge/code': code } })
  },
)

const fields = {
  address: addressField({ label: 'Address', hint: 'Where.', required: true }),
  key: secretField({ label: 'Key', hint: 'Which.', required: true }),
}

/** A connector that says where it would have gone, and with which key; `answer`: what comes back to an order. */
async function shop(answer: () => Promise<Response> | Response = () => Response.json({ n: 1 })) {
  const sent: string[] = []
  const connector = defineConnector({
    ...{ slug: 'shop', name: 'Shop', about: 'A shop.', logo: '<svg/>', examples: ['Buy it.'] },
    ...{ baseUrl: ({ address }) => String(address), fields, test: async () => 'It works.' },
    headers: ({ key }) => ({ authorization: String(key) }),
    tools: [
      defineTool(fields, {
        ...{ name: 'buy', title: 'Buy', description: 'Buys.' },
        ...{ input: z.strictObject({}), output: z.object({ n: z.number() }) },
        annotations: {
          readOnlyHint: true,
          destructiveHint: false,
          idempotentHint: true,
          openWorldHint: true,
        },
        async answer(_input, { account }) {
          sent.push(`${account.address} ${account.key}`)
          return { n: 1 }
        },
        say: () => 'Bought.',
      }),
      defineTool(fields, {
        ...{ name: 'order', title: 'Order', description: 'Orders.' },
        ...{ input: z.strictObject({}), output: z.object({ n: z.number() }) },
        annotations: {
          readOnlyHint: false,
          destructiveHint: true,
          idempotentHint: true,
          openWorldHint: true,
        },
        answer: (_input, ask) => ask.post('/orders', {}, z.object({ n: z.number() })),
        say: () => 'Ordered.',
      }),
    ],
  })
  const memory = createMemory()
  const clock = { now: () => 0 }
  const connectors = createConnectors({
    ...memory,
    async fetch(url, init) {
      sent.push(`${init?.method} ${url} ${new Headers(init?.headers).get('authorization')}`)
      return answer()
    },
    ...{ clock, version: '1', connectors: [preloaded(connector)], log: silentLog },
    timings: { backoff: 5 },
  })
  const values = (name: string) => ({ address: `https://${name}.example`, key: name })
  const { id } = await connectors.handlers.save({ slug: 'shop', name: 'One', values: values('old') })
  house = makePipeline(connectors.sources())
  return {
    sent,
    vault: memory.vault,
    save: () => connectors.handlers.save({ slug: 'shop', id, values: values('new') }),
    remove: () => connectors.handlers.remove(id),
  }
}
const edited = { isError: true, _meta: { 'drawbridge/code': 'server-edited' } }

it('a connector that waits for its key sends none of another account to the address it had', async () => {
  const { sent, vault, save } = await shop()
  const { get } = vault
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  vault.get = async (name) => {
    asked.resolve()
    await gate
    return get(name)
  }
  const answer = call('buy')
  await asked.promise
  vault.get = get
  await save()
  open()
  expect(await answer).toMatchObject(edited)
  expect(await call('buy')).not.toHaveProperty('isError')
  expect(sent).toEqual(['https://new.example new'])
})

it('nor one that is called while its account is half saved', async () => {
  const { sent, vault, save } = await shop()
  const { set } = vault
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const isSet = Promise.withResolvers<void>()
  vault.set = async (name, value) => {
    await set(name, value)
    isSet.resolve()
    await gate
  }
  const saving = save()
  await isSet.promise
  expect(await call('buy')).toMatchObject(edited)
  open()
  await saving
  expect(sent).toEqual([])
})

const takenBack: Record<'rule' | 'off' | 'level', [code: string, takeBack: () => void]> = {
  rule: [
    'rule-ended',
    () => {
      for (const one of house!.rules.list()) house!.rules.revoke(one.id)
    },
  ],
  off: [
    'disabled',
    () => {
      for (const one of house!.catalog.all()) house!.settings.set(one.id, { enabled: false })
      house!.catalog.refresh()
    },
  ],
  level: [
    'look-only',
    () => {
      house!.now = principalOf({ access: 'look' })
    },
  ],
}
const order = 'POST https://old.example/orders old'

/** By a rule where it is that which is taken back. */
async function ordered(what: keyof typeof takenBack): Promise<'ask' | 'everything'> {
  if (what !== 'rule') return 'everything'
  const first = call('order', 'ask')
  await say('exact')
  expect(await first).not.toHaveProperty('isError')
  return 'ask'
}

it.each(['rule', 'off', 'level'] as const)(
  'a connector that waits for its key sends nothing once %s is taken back',
  async (what) => {
    const { sent, vault } = await shop()
    const access = await ordered(what)
    sent.length = 0
    const [code, takeBack] = takenBack[what]
    const { get } = vault
    vault.get = (name) => {
      takeBack()
      return get(name)
    }
    expect(await call('order', access)).toMatchObject({ isError: true, _meta: { 'drawbridge/code': code } })
    expect(sent).toEqual([])
  },
)

it.each(['rule', 'off', 'level', 'saved', 'removed'] as const)(
  'nor once more after a failure, once %s',
  async (what) => {
    let meanwhile: (() => unknown) | null = null
    const { sent, save, remove } = await shop(async () => {
      if (meanwhile === null) return Response.json({ n: 1 })
      await meanwhile()
      return new Response('', { status: 503 })
    })
    const isAccount = what === 'saved' || what === 'removed'
    const access = isAccount ? 'everything' : await ordered(what)
    sent.length = 0
    const [code, takeBack] = isAccount ? ['server-edited', what === 'saved' ? save : remove] : takenBack[what]
    meanwhile = takeBack
    expect(await call('order', access)).toMatchObject({ isError: true, _meta: { 'drawbridge/code': code } })
    expect(sent).toEqual([order])
  },
)
