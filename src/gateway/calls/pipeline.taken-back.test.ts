/** What its owner takes back after the yes, while the yes is being written down, does not run. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ApprovalChoice } from '../../contract/approvals.ts'
import type { ToolSource } from '../../mcp/tool-source.ts'
import { callerOf, makePipeline, principalOf, says, serverOf, tool } from '../testing/fixture-pipeline.ts'

let house: ReturnType<typeof makePipeline>
let ran: string[]
let version: number
const principal = principalOf({ access: 'ask' })

function begin(kind: ToolSource['kind'] = 'server'): void {
  ran = []
  version = 1
  house = makePipeline([
    serverOf('files', {
      kind,
      tools: () => [tool('write', { description: `Version ${version}` })],
      call: async (name, args) => {
        ran.push(`${name} ${args.n}`)
        return says('done')
      },
    }),
  ])
}
beforeEach(() => begin())
afterEach(() => house.stop())

const leaving = () => new AbortController()
function call(n: number, access = principal, left = leaving()) {
  const answer = house.request(
    'tools/call',
    { name: 'files__write', arguments: { n } },
    {},
    callerOf(access, left.signal),
  )
  return { answer, left }
}

async function answered(choice: ApprovalChoice, edited?: string): Promise<void> {
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
  const { id } = house.approvals.list()[0]!
  house.approvals.decide(id, choice, house.approvals.get(id).seen, edited)
}

/** Just when that is on record, and before anybody hears of it. */
function once(writes: 'note' | 'amend' | 'begin', act: () => void): void {
  const really = house.activity[writes].bind(house.activity) as (...args: unknown[]) => Promise<never>
  vi.spyOn(house.activity, writes).mockImplementationOnce(async (...args: unknown[]) => {
    const done = await really(...args)
    act()
    return done
  })
}

const takenBack: Record<string, { act(left: AbortController): void; row: RegExp }> = {
  'its grant was revoked': {
    act: (left) => {
      house.now = null
      house.approvals.cancelFor('grant_1')
      house.pipeline.cancelFor('grant_1')
      left.abort()
    },
    row: /^files__write (denied|approved) cancelled$/,
  },
  'its grant was revoked, and nobody told the call': {
    act: () => {
      house.now = null
    },
    row: /^files__write denied cancelled$/,
  },
  'everything was paused': {
    act: (left) => {
      house.pipeline.cancelFor(null)
      left.abort()
    },
    row: /^files__write (denied|approved) cancelled$/,
  },
  'its grant may only look': {
    act: () => {
      house.now = principalOf({ access: 'look' })
    },
    row: /^files__write approved denied$/,
  },
  'its tool was switched off': {
    act: () => {
      house.settings.set(house.catalog.all()[0]!.id, { enabled: false })
      house.catalog.refresh()
    },
    row: /^files__write denied failed$/,
  },
  'its tool became another one': {
    act: () => {
      version = 2
      house.catalog.refresh()
    },
    row: /^files__write denied failed$/,
  },
}

it.each(Object.entries(takenBack))('does not run after a yes: %s', async (_what, { act, row }) => {
  const { answer, left } = call(1)
  once('note', () => act(left))
  await answered('once')
  expect(await answer).toMatchObject({ isError: true })
  expect(ran).toEqual([])
  expect(house.rows()[0]).toMatch(row)
})

it.each(Object.entries(takenBack))('nor with other arguments than were sent: %s', async (_what, { act }) => {
  house.stop()
  begin('connector')
  const { answer, left } = call(1)
  once('amend', () => act(left))
  await answered('once', '{"n":2}')
  await answer
  expect(ran).toEqual([])
})

it.each(Object.entries(takenBack))('nor where nobody need be asked: %s', async (_what, { act }) => {
  const left = leaving()
  once('begin', () => act(left))
  expect(await call(1, principalOf(), left).answer).toMatchObject({ isError: true })
  expect(ran).toEqual([])
})

it('runs by no rule that was revoked while it was being written down', async () => {
  for (const [n, choice] of [
    [1, 'exact'],
    [2, 'tool'],
  ] as const) {
    const { answer } = call(n)
    await answered(choice)
    await answer
  }
  expect(await call(1).answer).toMatchObject({ content: [{ text: 'done' }] })
  ran = []
  const [tools, exact] = house.rules.list()
  // The other one takes the place of the first.
  once('begin', () => void house.rules.revoke(tools!.id))
  once('amend', () => void house.rules.revoke(exact!.id))
  expect(await call(1).answer).toMatchObject({ isError: true })
  expect(ran).toEqual([])
  expect(house.rows()[0]).toBe('files__write denied failed')
})

it('runs what nobody took back', async () => {
  const first = call(1)
  await answered('once')
  expect(await first.answer).toMatchObject({ content: [{ text: 'done' }] })
  const second = call(2, principalOf())
  expect(await second.answer).toMatchObject({ content: [{ text: 'done' }] })
  expect(ran).toEqual(['write 1', 'write 2'])
})
