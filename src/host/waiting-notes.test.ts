/** Notes that wait for their owner's word, or for their turn to be written, while what lets them through is taken back or leads elsewhere. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { callerOf, makePipeline, principalOf } from '../gateway/testing/fixture-pipeline.ts'
import { FolderStage } from '../notes/testing/fixture-folders.ts'

let stage: FolderStage
let house: ReturnType<typeof makePipeline>
let id: string
const left = { now: new AbortController() }

beforeEach(async () => {
  stage = new FolderStage({})
  left.now = new AbortController()
  id = (await stage.folders.add(stage.docs, [], true)).id
  house = makePipeline([stage.source])
})
afterEach(async () => {
  house.stop()
  await stage.stop()
})

const write = (name: string, access: 'ask' | 'everything') => {
  const params = { name: 'write_note', arguments: { path: `Docs/${name}`, text: 'x' } }
  return house.request('tools/call', params, {}, callerOf(principalOf({ access }), left.now.signal))
}
async function say(choice: 'once' | 'tool' | 'exact'): Promise<void> {
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
  const { id } = house.approvals.list()[0]!
  house.approvals.decide(id, choice, house.approvals.get(id).seen)
}

/** A change of somebody else's takes its time; `end` waits until it is over. */
async function busy() {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<never>()
  const by = { row: null, principal: { grantId: 'g', clientName: 'c' } }
  const made = stage.changes.make(by, () => {
    begun.resolve()
    return gate.promise
  })
  await begun.promise
  return async () => {
    gate.reject(new Error('no matter'))
    await made.catch(() => {})
  }
}

const takenBack: Record<string, () => void> = {
  'rule-ended': () => {
    for (const one of house.rules.list()) house.rules.revoke(one.id)
  },
  disabled: () => {
    for (const one of house.catalog.all()) house.settings.set(one.id, { enabled: false })
    house.catalog.refresh()
  },
  'look-only': () => {
    house.now = principalOf({ access: 'look' })
  },
  'approval-ended': () => {
    house.now = null
  },
  'call-cancelled': () => left.now.abort(),
}

it.each(Object.keys(takenBack))('a note that waits for its turn is not written then: %s', async (code) => {
  const access = code === 'rule-ended' ? 'ask' : 'everything'
  if (access === 'ask') {
    const first = write('first.md', access)
    await say('tool')
    expect(await first).not.toHaveProperty('isError')
  }
  const end = await busy()
  const make = vi.spyOn(stage.changes, 'make')
  const answer = write('plan.md', access)
  await vi.waitFor(() => expect(make).toHaveBeenCalledOnce())
  takenBack[code]!()
  await end()
  expect(await answer).toMatchObject({ isError: true, _meta: { 'drawbridge/code': code } })
  await make.mock.results[0]!.value.catch(() => {})
  expect(existsSync(join(stage.docs, 'plan.md'))).toBe(false)
})

it('a note that was allowed for one folder is not written to another of its name', async () => {
  const answer = write('plan.md', 'ask')
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
  const { at } = await stage.swap(id)
  await say('once')
  expect(await answer).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'tool-changed' } })
  expect(existsSync(join(at, 'plan.md'))).toBe(false)
})

it('a note that waits for its turn is not written to another folder of the same name', async () => {
  const end = await busy()
  const make = vi.spyOn(stage.changes, 'make')
  const answer = write('plan.md', 'everything')
  await vi.waitFor(() => expect(make).toHaveBeenCalledOnce())
  const { at } = await stage.swap(id)
  await end()
  expect(await answer).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'tool-changed' } })
  expect(existsSync(join(at, 'plan.md'))).toBe(false)
})

it.each(['exact', 'tool'] as const)(
  'an answer that lasts (%s) is none for folders that were not there',
  async (choice) => {
    const first = write('plan.md', 'ask')
    await say(choice)
    expect(await first).not.toHaveProperty('isError')
    const { at } = await stage.swap(id)
    const again = write('plan.md', 'ask')
    await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
    expect(house.rules.list()).toMatchObject([{ state: 'asleep', sleeps: { why: 'server-changed' } }])
    expect(existsSync(join(at, 'plan.md'))).toBe(false)
    await say('once')
    expect(await again).not.toHaveProperty('isError')
    expect(existsSync(join(at, 'plan.md'))).toBe(true)
  },
)
