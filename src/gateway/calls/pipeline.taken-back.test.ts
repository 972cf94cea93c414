/** What its owner takes back after the yes, while the yes is being written down, does not run. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ApprovalChoice } from '../../contract/approvals.ts'
import type { Raw, ToolSource } from '../../mcp/tool-source.ts'
import { callerOf, makePipeline, principalOf, says, serverOf, tool } from '../testing/fixture-pipeline.ts'

let house: ReturnType<typeof makePipeline>
let ran: string[]
let version: number
let edition: number
/** How many more times its server asks for something before it answers. */
let asksFor: number
const principal = principalOf({ access: 'ask' })

function begin(kind: ToolSource['kind'] = 'server'): void {
  ran = []
  version = 1
  edition = 0
  asksFor = 0
  house = makePipeline([
    serverOf('files', {
      kind,
      edition: () => edition,
      tools: () => [tool('write', { description: `Version ${version}` })],
      call: async (name, args) => {
        ran.push(`${name} ${args.n}`)
        asksFor -= 1
        if (asksFor >= 0) return question
        return says('done')
      },
    }),
  ])
}
beforeEach(() => begin())
afterEach(() => house.stop())

const question: Raw = {
  resultType: 'input_required',
  inputRequests: {
    sure: {
      method: 'elicitation/create',
      params: { mode: 'form', message: 'Sure?', requestedSchema: { type: 'object', properties: {} } },
    },
  },
}

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
function once(writes: 'note' | 'amend' | 'begin', act: () => void, times = 1): void {
  const really = house.activity[writes].bind(house.activity) as (...args: unknown[]) => Promise<never>
  const spy = vi.spyOn(house.activity, writes)
  for (let time = 0; time < times; time += 1)
    spy.mockImplementationOnce(async (...args: unknown[]) => {
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
    row: /^files__write approved denied$/,
  },
  'another program is in the place of its server': {
    act: () => {
      edition += 1
    },
    row: /^files__write denied failed$/,
  },
  'its grant belongs to another workspace': {
    act: () => {
      house.now = principalOf({ access: 'ask', workspace: 'other' })
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

it.each(Object.entries(takenBack))('nor goes on once its client was asked: %s', async (_what, { act }) => {
  asksFor = 1
  const left = leaving()
  const asked = async () => {
    act(left)
    return { action: 'accept', content: {} }
  }
  await house
    .request(
      'tools/call',
      { name: 'files__write', arguments: { n: 1 } },
      { era: 'legacy', ask: asked },
      callerOf(principalOf(), left.signal),
    )
    .catch(() => {})
  expect(ran).toEqual(['write 1'])
  // Its server has heard the first half: neither row nor answer says that nothing was done.
  expect(house.rows()[0]).toMatch(/^files__write allowed (failed|cancelled)$/)
  expect(JSON.stringify(house.activity.list({ limit: 1 }))).not.toContain('Nothing has been done')
})

it('is said to have done nothing where its tool became of another risk just when it was allowed', async () => {
  house.stop()
  begin('connector')
  const { answer } = call(1)
  once('amend', () => {
    house.settings.set(house.catalog.all()[0]!.id, { enabled: true, risk: 'destructive' })
    house.catalog.refresh()
  })
  await answered('once', '{"n":2}')
  expect(JSON.stringify(await answer)).toContain('was changed at this moment. Nothing has been done.')
  expect(ran).toEqual([])
})

it('is told to whoever waits before sending it', async () => {
  let isAllowed: (() => void) | undefined
  const waits = serverOf('slow', {
    tools: () => [tool('write')],
    call: async (_name, _args, { stillAllowed }) => {
      isAllowed = stillAllowed
      house.now = null
      stillAllowed?.()
      return says('done')
    },
  })
  house.catalog.setSources([waits])
  const answer = await house.request(
    'tools/call',
    { name: 'slow__write', arguments: {} },
    {},
    callerOf(principalOf()),
  )
  expect(isAllowed).toBeDefined()
  expect(answer).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'approval-ended' } })
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

it('nor by one that a neighbour was given, and that was revoked before it ran', async () => {
  const revoke = () => {
    for (const { id } of house.rules.list()) house.rules.revoke(id)
  }
  for (const writes of ['amend', 'note'] as const) {
    ran = []
    const [first, second] = [call(1), call(2)]
    await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(2))
    once(writes, revoke, writes === 'note' ? 2 : 1)
    const { id } = house.approvals.list().find(({ line }) => line.includes('1'))!
    house.approvals.decide(id, 'tool', house.approvals.get(id).seen)
    // The first has a word of its own.
    expect(await first.answer).toMatchObject({ content: [{ text: 'done' }] })
    expect(await second.answer).toMatchObject({ isError: true })
    expect(ran, writes).toEqual(['write 1'])
  }
})

it('nor by one that a neighbour was given, and that sleeps before it runs', async () => {
  const toolId = house.catalog.all()[0]!.id
  const { answer: first } = call(1)
  const { answer: second } = call(2)
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(2))
  const riskier = () => {
    house.settings.set(toolId, { enabled: true, risk: 'destructive' })
    house.catalog.refresh()
  }
  once('note', riskier, 2)
  const { id } = house.approvals.list().find(({ line }) => line.includes('1'))!
  house.approvals.decide(id, 'tool', house.approvals.get(id).seen)
  await first
  expect(await second).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'rule-ended' } })
  expect(ran).not.toContain('write 2')
})

it('asks anew where that would be asked about by now, though it was not when it came', async () => {
  once('begin', () => {
    house.now = principal
  })
  expect(await call(1, principalOf()).answer).toMatchObject({ isError: true })
  expect(ran).toEqual([])
})

it('is judged anew with each request that goes on with it, where a rule let it through', async () => {
  const made = call(1)
  await answered('tool')
  await made.answer
  ran = []
  const went = async (requestState: unknown) =>
    house.request(
      'tools/call',
      { name: 'files__write', arguments: { n: 2 } },
      { requestState, inputResponses: { sure: { action: 'accept', content: {} } } } as never,
      callerOf(principal),
    )
  asksFor = 1
  const asked = (await call(2).answer) as { requestState?: unknown }
  expect(asked).toMatchObject({ resultType: 'input_required' })
  expect(await went(asked.requestState)).toMatchObject({ content: [{ text: 'done' }] })
  asksFor = 1
  const again = (await call(2).answer) as { requestState?: unknown }
  for (const { id } of house.rules.list()) house.rules.revoke(id)
  ran = []
  const answer = went(again.requestState)
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
  expect(ran).toEqual([])
  await answered('once')
  expect(await answer).toMatchObject({ content: [{ text: 'done' }] })
})

it.each<[string, () => void]>([
  [
    'was given another name',
    () => house.settings.set(house.catalog.all()[0]!.id, { enabled: true, alias: 'put' }),
  ],
  [
    'was given a note',
    () => house.settings.set(house.catalog.all()[0]!.id, { enabled: true, note: 'Careful' }),
  ],
  ['is listed anew', () => {}],
])('runs where its tool %s', async (_what, act) => {
  once('begin', () => {
    act()
    house.catalog.refresh()
  })
  expect(await call(1, principalOf()).answer).toMatchObject({ content: [{ text: 'done' }] })
})

it('runs what nobody took back', async () => {
  const first = call(1)
  await answered('once')
  expect(await first.answer).toMatchObject({ content: [{ text: 'done' }] })
  const second = call(2, principalOf())
  expect(await second.answer).toMatchObject({ content: [{ text: 'done' }] })
  expect(ran).toEqual(['write 1', 'write 2'])
})

it('what waits when Drawbridge is stopped does not run, and is no error of the log', async () => {
  const { answer } = call(1)
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
  house.stop()
  expect(await answer).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'approval-ended' } })
  expect([ran, house.errors]).toEqual([[], []])
})
