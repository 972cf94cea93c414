/** What is taken back, or is another account by now, while a call waits between two of its requests. */
import { expect, it } from 'vitest'
import * as z from 'zod'
import { silentLog } from '../../kernel/log/log.ts'
import { defineConnector, defineTool } from './connector.ts'
import { createConnectors } from './connectors.ts'
import { secretField } from './fields.ts'
import { createMemory, preloaded } from './testing/memory.ts'

const fields = { key: secretField({ label: 'Key', hint: 'Which.', required: true }) }
const Page = z.object({ n: z.number(), next: z.string().nullable() })
const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true }
const common = { input: z.strictObject({}), output: z.object({ n: z.number() }), annotations }
const shop = defineConnector({
  ...{ slug: 'shop', name: 'Shop', about: 'A shop.', logo: '<svg/>', examples: ['What is there?'] },
  ...{ baseUrl: 'https://shop.example', fields, test: async () => 'It works.' },
  headers: ({ key }) => ({ authorization: key }),
  tools: [
    defineTool(fields, {
      ...{ ...common, name: 'count', title: 'Count', description: 'Counts.' },
      async answer(_input, ask) {
        const { pages } = await ask.pages('/1', Page, ({ next }) => next)
        return { n: pages.length }
      },
      say: ({ n }) => `${n}`,
    }),
    defineTool(fields, {
      ...{ ...common, name: 'find', title: 'Find', description: 'Finds what there is.' },
      async answer(_input, ask) {
        await ask.get('/1', Page)
        return ask.get('/2', Page).catch(() => ({ n: 0 }))
      },
      say: ({ n }) => `${n}`,
    }),
    defineTool(fields, {
      ...{ ...common, name: 'count_all', title: 'Count all', description: 'Counts all.', asksAll: true },
      answer: (_input, ask) => ask.get('/1', Page),
      say: ({ n }) => `${n}`,
    }),
  ],
})

/** `first`: the first answer, and each of those whose account has this key; what happens `meanwhile` happens before it comes. */
async function opened(first: () => Response, only?: string) {
  const asked: string[] = []
  const state = { isTaken: false, meanwhile: async () => {} }
  const memory = createMemory()
  const connectors = createConnectors({
    ...memory,
    async fetch(url, init) {
      const key = new Headers(init?.headers).get('authorization')
      asked.push(`${new URL(String(url)).pathname} ${key}`)
      if (only === undefined ? asked.length > 1 : key !== only) return Response.json({ n: 2, next: null })
      await state.meanwhile()
      return first()
    },
    ...{ clock: { now: () => 0 }, version: '1', connectors: [preloaded(shop)], log: silentLog },
    timings: { backoff: 5 },
  })
  const save = (name: string, key: string, id?: string) =>
    connectors.handlers.save({ slug: 'shop', name, values: { key }, ...(id !== undefined && { id }) })
  const { id } = await save('One', 'old')
  const taken = new Error('taken back')
  const call = (tool: string) =>
    connectors.sources()[0]!.call(
      tool,
      {},
      {
        signal: new AbortController().signal,
        edition: connectors.sources()[0]!.edition(),
        stillAllowed() {
          if (state.isTaken) throw taken
        },
      },
    )
  return { asked, state, vault: memory.vault, connectors, save, id, taken, call }
}
const page = () => Response.json({ n: 1, next: '/2' })
const waits: [string, string, () => Response][] = [
  ['a page', 'count', page],
  ['a failure', 'count', () => new Response('', { status: 503 })],
  ['a redirect', 'count', () => new Response('', { status: 302, headers: { location: '/3' } })],
  ['what it can do without', 'find', page],
]

it.each(waits)(
  'what was taken back while %s came is asked no further, and its caller is told so',
  async (_what, tool, first) => {
    const { asked, state, call, taken } = await opened(first)
    state.meanwhile = async () => {
      state.isTaken = true
    }
    await expect(call(tool)).rejects.toBe(taken)
    expect(asked).toEqual(['/1 old'])
  },
)

it.each(waits)('nor is an account that was changed or removed while %s came', async (_what, tool, first) => {
  for (const isRemoved of [true, false]) {
    const { asked, state, call, connectors, save, id } = await opened(first)
    state.meanwhile = async () => {
      await (isRemoved ? connectors.handlers.remove(id) : save('One', 'new', id))
    }
    await expect(call(tool)).rejects.toMatchObject({ code: 'server-edited' })
    expect(asked).toEqual(['/1 old'])
  }
})

it('what is taken back while its key is looked for is not asked at all', async () => {
  const { asked, state, call, vault, taken } = await opened(page)
  const { get } = vault
  vault.get = (name) => {
    state.isTaken = true
    return get(name)
  }
  await expect(call('count')).rejects.toBe(taken)
  expect(asked).toEqual([])
})

it('nor is it told what the other accounts said', async () => {
  const { asked, state, call, save, taken } = await opened(() => new Response('', { status: 503 }), 'second')
  await save('Two', 'second')
  state.meanwhile = async () => {
    state.isTaken = true
  }
  await expect(call('count_all')).rejects.toBe(taken)
  expect(asked).toEqual(['/1 old', '/1 second'])
})
