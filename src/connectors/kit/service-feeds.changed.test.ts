/** An account that is changed or removed while services are asked what happened. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { defineConnector } from './connector.ts'
import { createConnectors } from './connectors.ts'
import { addressField, secretField } from './fields.ts'
import type { ServiceEvent } from './service-events.ts'
import { createMemory, preloaded } from './testing/memory.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const fields = {
  address: addressField({ label: 'Address', hint: 'Where.', required: true }),
  key: secretField({ label: 'Key', hint: 'Which.', required: true }),
}

/** Each event is named for the place and the key that it was asked with. The first question is answered once the `gate` is open. */
async function opened(...names: string[]) {
  const asked: string[] = []
  const told: string[] = []
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const shop = defineConnector({
    ...{ slug: 'shop', name: 'Shop', about: 'A shop.', logo: '<svg/>', examples: ['What happened?'] },
    ...{ baseUrl: ({ address }) => String(address), fields, tools: [], test: async () => 'It works.' },
    async events({ account }): Promise<ServiceEvent[]> {
      const id = `${new URL(String(account.address)).host} ${account.key}`
      asked.push(id)
      if (asked.length === 1) await gate
      return [{ id, at: 0, kind: 'incident', title: 'Fire', subject: null, severity: 'major' }]
    },
  })
  const { feeds, handlers } = createConnectors({
    ...createMemory(),
    ...{ fetch, clock: { now: () => 0 }, version: '1', connectors: [preloaded(shop)], log: silentLog },
  })
  const values = (name: string) => ({ address: `https://${name}.example`, key: name })
  const save = (name: string, id?: string) =>
    handlers.save({ slug: 'shop', values: values(name), ...(id !== undefined && { id }) })
  const ids: string[] = []
  for (const name of names) ids.push((await save(name)).id)
  feeds.start(async (_slug, events) => void told.push(...events.map(({ id }) => id)))
  await vi.advanceTimersByTimeAsync(15_000)
  expect(asked).toEqual([`${names[0]}.example ${names[0]}`])
  return { asked, told, open, handlers, save, ids, feeds }
}

it.each(['changed', 'removed'])('what happened at one is told no more once it is %s', async (how) => {
  const { told, open, handlers, save, ids, feeds } = await opened('old')
  await (how === 'removed' ? handlers.remove(ids[0]!) : save('new', ids[0]))
  open()
  await vi.advanceTimersByTimeAsync(15_000)
  expect(told).toEqual(how === 'removed' ? [] : ['new.example new'])
  feeds.stop()
})

it('one that waits for its turn is not asked with its new key at the address that it had', async () => {
  const { asked, open, save, ids, feeds } = await opened('a', 'b')
  await save('c', ids[1])
  open()
  await vi.advanceTimersByTimeAsync(15_000)
  expect(asked).toEqual(['a.example a', 'c.example c'])
  feeds.stop()
})
