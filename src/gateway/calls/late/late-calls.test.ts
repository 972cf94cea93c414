import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createActivity } from '../../../activity/activity.ts'
import type { Call } from '../../../contract/activity.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { HostError } from '../../../kernel/errors.ts'
import { silentLog } from '../../../kernel/log/log.ts'
import type { Raw, ToolSource } from '../../../mcp/tool-source.ts'
import {
  callerOf,
  makePipeline,
  principalOf,
  reads,
  says,
  serverOf,
  tool,
} from '../../testing/fixture-pipeline.ts'
import type { ClientRequest } from '../client-request.ts'
import { type Target, targetOf } from '../targets.ts'
import { LateCalls } from './late-calls.ts'
import { createLateStore } from './late-store.ts'
import { afterRestart } from './late-words.ts'

let at: ReturnType<typeof makePipeline>
let ran: unknown[] = []
let finish: (() => void)[] = []
/** Of the call that began last. */
let progressed: (progress: number) => void = () => {}
/** Of the server and its program: how often it was changed in this life, and what it is. */
let edition = 0
let program = 'a'
beforeEach(() => {
  ran = []
  finish = []
  edition = 0
  program = 'a'
})
afterEach(() => at?.stop())

/** A server whose owner lets a call take ten minutes. `slow` ends when the test says so. */
const files = () =>
  serverOf('files', {
    tools: () => [tool('write', { title: 'Write' }), tool('slow', { annotations: reads }), tool('change')],
    longest: () => 600_000,
    edition: () => edition,
    identity: () => ({ command: program, origin: null, version: `${edition}`, fingerprint: program }),
    call: async (name, args, { signal, onProgress }) => {
      ran.push(args)
      progressed = (progress) => onProgress?.({ progress })
      if (name === 'write')
        return args.large ? says('x'.repeat(args.large as number)) : says(`wrote ${args.n}`)
      await new Promise<void>((resolve, reject) => {
        finish.push(resolve)
        signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
      return says(`${name} done`)
    },
  })
const begin = (patience = { asked: 60, running: 60, task: 10 }) => {
  at = makePipeline([files()], { patience })
}
const asker = (grantId = 'grant_1') => callerOf(principalOf({ access: 'ask', grantId }))
const anybody = callerOf()
const reader = (grantId = 'grant_1') => ({ caller: asker(grantId), key: grantId })
const call = (name: string, args: Raw = {}, caller = asker(), client: Partial<ClientRequest> = {}) =>
  at.request('tools/call', { name, arguments: args }, client, caller)
const check = (handle: unknown, caller = asker()) => call('drawbridge_check', { handle }, caller)
const said = (result: Raw) => (result.content as { text: string }[])[0]!.text
const codeOf = (result: Raw) => (result._meta as Raw | undefined)?.['drawbridge/code']
const handleOf = (result: Raw) => (result._meta as Raw)['drawbridge/handle'] as string
const allow = () => {
  const { id } = at.approvals.list()[0]!
  at.approvals.decide(id, 'once', at.approvals.get(id).seen)
}
const settled = () => sleep(20)
/** The disk takes its time with these. Returns what undoes it. */
const slowed = (what: 'finish' | 'note', ms: number) => {
  const spy = vi.spyOn(at.activity, what)
  const asItIs = Object.getPrototypeOf(at.activity)[what] as (...given: unknown[]) => Promise<void>
  spy.mockImplementation(async (...given: unknown[]) => {
    await sleep(ms)
    return asItIs.apply(at.activity, given)
  })
  return () => spy.mockRestore()
}

it('runs when the owner says yes after the client left, once, in the row of the call that was asked about', async () => {
  begin()
  const waiting = await call('files__write', { n: 1 })
  expect(codeOf(waiting)).toBe('approval-pending')
  expect(said(waiting)).toBe(
    `Waiting for your approval in Drawbridge: “Write”. Nothing has been done yet. It runs by itself once it is allowed there. Do not call it again with other arguments. When the user says they decided, call drawbridge_check with handle "${handleOf(waiting)}" to get its result; the same call with the same arguments gets it too.`,
  )
  expect(at.rows()).toEqual(['files__write pending pending'])
  expect(handleOf(waiting).length, 'letters of 256 bits').toBe(43)
  allow()
  await vi.waitFor(() => expect(at.rows()).toEqual(['files__write approved answered']))
  expect(ran).toEqual([{ n: 1 }])
  expect(said(await check(handleOf(waiting)))).toBe('wrote 1')
  expect(at.rows()).toEqual(['drawbridge_check allowed answered', 'files__write approved answered'])
  expect(ran).toHaveLength(1)
})

it('the retry gets the result once; the next same call is a new one', async () => {
  begin()
  await call('files__write', { n: 1 })
  allow()
  await settled()
  expect(said(await call('files__write', { n: 1 }))).toBe('wrote 1')
  expect(codeOf(await call('files__write', { n: 1 }))).toBe('approval-pending')
  expect(ran).toHaveLength(1)
  expect(at.approvals.list()).toHaveLength(1)
})

it('is known by its row after a restart, also when its client left before there was one', async () => {
  begin()
  const gone = new AbortController()
  const left = call('files__change', { n: 1 }, callerOf(principalOf({ access: 'ask' }), gone.signal))
  gone.abort()
  await vi.waitFor(() => allow())
  await vi.waitFor(() => expect(ran).toHaveLength(1))
  expect(at.db.prepare('SELECT call FROM late_calls').all()).toEqual([{ call: expect.stringMatching(/./) }])
  finish[0]!()
  await left
})

it('a retry while it waits joins the question, and gets the answer when it comes', async () => {
  begin({ asked: 200, running: 200, task: 10 })
  const first = await call('files__write', { n: 1 })
  const retry = call('files__write', { n: 1 })
  await settled()
  expect(at.approvals.list()).toHaveLength(1)
  allow()
  expect(said(await retry)).toBe('wrote 1')
  const again = await call('files__write', { n: 2 })
  expect(handleOf(again)).not.toBe(handleOf(first))
  expect(handleOf(await call('files__write', { n: 2 })), 'the same question').toBe(handleOf(again))
  expect(at.rows().filter((row) => row.startsWith('files__write'))).toEqual([
    'files__write pending pending',
    'files__write approved answered',
  ])
})

it('goes on although who made it again was gone by then', async () => {
  begin()
  const gone = { ...asker(), signal: AbortSignal.abort() }
  const handle = handleOf(await call('files__write', { n: 1 }))
  await call('files__write', { n: 1 }, gone).catch(() => {})
  expect(at.approvals.list()).toHaveLength(1)
  allow()
  await settled()
  expect(said(await check(handle))).toBe('wrote 1')
  const change = handleOf(await call('files__change', {}, anybody))
  await call('files__change', {}, { ...anybody, signal: AbortSignal.abort() }).catch(() => {})
  finish.pop()!()
  await settled()
  expect(said(await check(change, anybody))).toBe('change done')
})

it('asks whoever still waits, and not who made it again and was gone by then', async () => {
  const asking = serverOf('far', {
    tools: () => [tool('put')],
    call: async (_name, _args, { ask }) => {
      const { content } = (await ask!({
        method: 'elicitation/create',
        params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
      })) as { content: Raw }
      return says(`for ${content.who}`)
    },
  })
  at = makePipeline([asking], { patience: { asked: 5_000, running: 5_000, task: 10 } })
  const answering = (who: string): Partial<ClientRequest> => ({
    ...{ era: 'legacy', key: `session_${who}` },
    ask: async () => ({ action: 'accept', content: { who } }),
  })
  const first = call('far__put', {}, asker(), answering('Ada'))
  await settled()
  const second = call('far__put', {}, { ...asker(), signal: AbortSignal.abort() }, answering('Eve'))
  await settled()
  allow()
  expect(said(await first)).toBe('for Ada')
  await second
})

it('of two that wait for the same, the newer gets the result and the other is told', async () => {
  begin({ asked: 500, running: 500, task: 10 })
  const both = [call('files__write', { n: 1 }), call('files__write', { n: 1 })]
  await vi.waitFor(() => allow())
  const [older, newer] = await Promise.all(both)
  expect(said(newer!)).toBe('wrote 1')
  expect(said(older!)).toMatch(/called twice with the same arguments and ran once/)
  expect(ran).toHaveLength(1)
})

it.each(['denied', 'taken back', 'hidden'] as const)(
  'of two that wait for the same, both are told that it was %s',
  async (how) => {
    begin({ asked: 500, running: 500, task: 10 })
    const both = [call('files__write', { n: 1 }), call('files__write', { n: 1 })]
    await settled()
    if (how === 'denied') at.approvals.decide(at.approvals.list()[0]!.id, 'deny')
    else if (how === 'taken back') at.approvals.cancelFor('grant_1')
    else {
      at.settings.set('files__write', { enabled: false })
      at.catalog.refresh()
    }
    const told = await Promise.all(both)
    const code = { denied: 'approval-denied', 'taken back': 'approval-ended', hidden: 'tool-changed' }[how]
    expect(told.map(codeOf)).toEqual([code, code])
    expect(ran).toEqual([])
  },
)

it('what was not done is not said to be, whatever becomes of its tool and of the room for results', async () => {
  begin()
  const denied = handleOf(await call('files__write', { n: 1 }))
  at.approvals.decide(at.approvals.list()[0]!.id, 'deny')
  const expired = handleOf(await call('files__write', { n: 2 }))
  at.pass(at.approvals.list()[0]!.expiresAt - Date.now() + 1)
  at.approvals.sweep()
  await settled()
  for (const n of [3, 4]) {
    await call('files__write', { n, large: 5_000_000 })
    allow()
    await sleep(500)
  }
  expect(codeOf(await call('files__write', { n: 1 }))).toBe('approval-denied')
  at.catalog.setSources([])
  expect([codeOf(await check(denied)), codeOf(await check(expired))]).toEqual([
    'approval-denied',
    'approval-expired',
  ])
})

it('a handle is for the grant that called, whoever else has it', async () => {
  begin()
  const handle = handleOf(await call('files__write', { n: 1 }))
  allow()
  await settled()
  for (const [given, caller] of [
    [handle, asker('grant_2')],
    [`${handle}x`, asker()],
    [undefined, asker()],
    [{ handle }, asker()],
    ['x'.repeat(100_000), asker()],
  ] as const)
    expect(codeOf(await check(given, caller))).toBe('handle-unknown')
  expect(codeOf(await call('files__write', { n: 1 }, asker('grant_2')))).toBe('approval-pending')
  expect(said(await check(handle))).toBe('wrote 1')
  const stored = JSON.stringify(at.db.prepare('SELECT * FROM late_calls').all())
  expect(stored).not.toContain(handle)
  expect(JSON.stringify(at.callLog.prepare('SELECT * FROM calls').all())).not.toContain('x'.repeat(1_000))
})

it('what is for this computer only is told nowhere else, whoever has its handle', async () => {
  const source = serverOf('files', {
    tools: () => [{ ...tool('write', { title: 'Write' }), localOnly: true }],
    call: async () => says('at /home/ada'),
  })
  at = makePipeline([{ ...source, kind: 'connector' }], { patience: { asked: 60, running: 60, task: 10 } })
  const here = callerOf({ ...principalOf({ access: 'ask', grantId: 'grant_1' }), onThisComputer: true })
  const handle = handleOf(await call('files__write', { n: 1 }, here))
  expect(codeOf(await check(handle, asker()))).toBe('handle-unknown')
  expect(at.pipeline.tasks.cancel(handle, asker().principal)).toBeNull()
  allow()
  await settled()
  expect(codeOf(await check(handle, asker()))).toBe('handle-unknown')
  expect(at.pipeline.tasks.get(handle, reader())).toBeNull()
  expect(said(await check(handle, here))).toBe('at /home/ada')
})

it('after a sleep nobody waits for an answer to a question whose time is over', async () => {
  begin({ asked: 400, running: 400, task: 10 })
  const waiting = handleOf(await call('files__write', { n: 1 }))
  const other = handleOf(await call('files__write', { n: 2 }))
  at.pass(8 * 3_600_000)
  expect(codeOf(await call('files__write', { n: 1 }))).toBe('approval-expired')
  expect([codeOf(await check(waiting)), codeOf(await check(other))]).toEqual([
    'approval-expired',
    'approval-expired',
  ])
  expect(codeOf(await call('files__write', { n: 1 })), 'is put to the owner').toBe('approval-pending')
  expect(at.approvals.list()).toHaveLength(1)
})

it('what a client may not call any more it is not told the result of either', async () => {
  begin()
  const done = handleOf(await call('files__write', { n: 1 }))
  allow()
  await settled()
  const without = callerOf(principalOf({ access: 'ask', tools: new Set(['files__slow']) }))
  const lookOnly = callerOf(principalOf({ access: 'look' }))
  const elsewhere = callerOf(principalOf({ access: 'ask', workspace: 'other' }))
  const toldTo = async (caller: ReturnType<typeof callerOf>) => [
    codeOf(await check(done, caller)),
    codeOf(at.pipeline.tasks.get(done, { caller, key: 'k' })!.outcome.result as Raw),
  ]
  expect(await toldTo(without)).toEqual(['not-in-grant', 'not-in-grant'])
  expect(await toldTo(lookOnly)).toEqual(['look-only', 'look-only'])
  expect(await toldTo(elsewhere)).toEqual(['handle-unknown', 'handle-unknown'])
  at.settings.set('files__write', { enabled: false })
  at.catalog.refresh()
  expect(await toldTo(asker())).toEqual(['disabled', 'disabled'])
  expect(at.rows().filter((row) => row.startsWith('drawbridge_check'))).toEqual([
    'drawbridge_check denied denied',
    'drawbridge_check refused failed',
    'drawbridge_check denied denied',
    'drawbridge_check denied denied',
  ])
  at.settings.set('files__write', { enabled: true })
  at.catalog.refresh()
  const never = call('files__write', { n: 2 })
  await settled()
  at.approvals.decide(at.approvals.list()[0]!.id, 'never')
  await never
  expect(await toldTo(asker())).toEqual(['never', 'never'])
  at.rules.revoke(at.rules.list()[0]!.id)
  expect(said(await check(done))).toBe('wrote 1')
  expect(said(await call('files__write', { n: 1 })), 'it has had it').toContain('Waiting')
})

it('why its server refused is neither told to who may not make the call any more, nor kept however long it is', async () => {
  const refusing = serverOf('far', {
    tools: () => [tool('look', { annotations: reads })],
    longest: () => 600_000,
    call: async (_name, { large }) => {
      await new Promise<void>((resolve) => finish.push(resolve))
      throw new ProtocolError(-32_000, 'no such page', { said: 'x'.repeat(large as number) })
    },
  })
  at = makePipeline([refusing], { patience: { asked: 60, running: 60, task: 10 } })
  const refusal = async (large: number, caller = asker()) => {
    const handle = handleOf(await call('far__look', { large }))
    const before = at.rows().length
    finish.pop()!()
    await vi.waitFor(() => expect(at.rows()).toHaveLength(before + 1), 5_000)
    await settled()
    const { task, outcome } = at.pipeline.tasks.get(handle, { caller, key: 'k' })!
    expect([task.status, 'error' in outcome]).toBeOneOf([
      ['failed', true],
      ['completed', false],
    ])
    return check(handle, caller).catch((error: ProtocolError) => [error.message, error.data])
  }
  expect(await refusal(3)).toEqual(['no such page', { said: 'xxx' }])
  expect(codeOf((await refusal(3, callerOf(principalOf({ tools: new Set() })))) as Raw)).toBe('not-in-grant')
  expect(await refusal(9_000_000)).toEqual(['no such page', undefined])
})

it('nor what its server says of a failure', async () => {
  const failing = serverOf('far', {
    tools: () => [tool('look', { annotations: reads })],
    longest: () => 600_000,
    call: async (_name, { quotes }) => {
      await new Promise<void>((resolve) => finish.push(resolve))
      const told = { message: 'HTTP 500: row 7 is locked', hint: '' }
      throw new HostError({ code: 'server-error', told, quotes: quotes === true })
    },
  })
  at = makePipeline([failing], { patience: { asked: 60, running: 60, task: 10 } })
  const failure = async (quotes: boolean) => {
    const handle = handleOf(await call('far__look', { quotes }))
    const before = at.rows().length
    finish.pop()!()
    await vi.waitFor(() => expect(at.rows()).toHaveLength(before + 1), 5_000)
    await settled()
    return codeOf(await check(handle, callerOf(principalOf({ tools: new Set() }))))
  }
  expect(await failure(true)).toBe('not-in-grant')
  expect(await failure(false)).toBe('server-error')
})

it('a no, no word, and what was taken back are said to whoever checks', async () => {
  begin()
  const declined = handleOf(await call('files__write', { n: 1 }))
  at.approvals.decide(at.approvals.list()[0]!.id, 'deny')
  await settled()
  expect(codeOf(await check(declined))).toBe('approval-denied')
  const waiting = handleOf(await call('files__write', { n: 2 }))
  expect(said(await check(waiting))).toMatch(/^Waiting for your approval/)
  at.pass(at.approvals.list()[0]!.expiresAt - Date.now() + 1)
  at.approvals.sweep()
  await settled()
  expect(codeOf(await check(waiting))).toBe('approval-expired')
  expect(codeOf(await call('files__write', { n: 2 })), 'may simply be asked again').toBe('approval-pending')
  expect(ran).toEqual([])
})

it.each(['revoked', 'switched off', 'look only'] as const)(
  'does not run when the grant or the tool is %s by then',
  async (how) => {
    begin()
    const handle = handleOf(await call('files__write', { n: 1 }))
    if (how === 'switched off') at.settings.set('files__write', { enabled: false })
    else at.now = how === 'revoked' ? null : principalOf({ access: 'look' })
    if (how === 'switched off') at.catalog.refresh()
    else allow()
    await settled()
    expect(ran).toEqual([])
    expect(codeOf(await check(handle))).toBe(
      { revoked: 'approval-ended', 'switched off': 'tool-changed', 'look only': 'look-only' }[how],
    )
    expect(at.approvals.list()).toEqual([])
  },
)

it('revoking ends what waits, breaks off what runs and drops what is done; others keep theirs', async () => {
  begin()
  const done = handleOf(await call('files__write', { n: 1 }))
  allow()
  await settled()
  const running = handleOf(await call('files__slow'))
  const waiting = handleOf(await call('files__write', { n: 2 }))
  const other = handleOf(await call('files__write', { n: 3 }, asker('grant_2')))
  at.approvals.cancelFor('grant_1')
  at.pipeline.cancelFor('grant_1')
  await settled()
  for (const handle of [done, running, waiting]) expect(codeOf(await check(handle))).toBe('handle-unknown')
  expect(at.approvals.list()).toHaveLength(1)
  allow()
  await settled()
  expect(said(await check(other, asker('grant_2')))).toBe('wrote 3')
  expect(
    at
      .rows()
      .filter((row) => !row.startsWith('drawbridge'))
      .toSorted(),
  ).toEqual([
    'files__slow allowed cancelled',
    'files__write approved answered',
    'files__write approved answered',
    'files__write denied cancelled',
  ])
})

it.each(['everything', 'ask'] as const)(
  'a call that is carried out as its grant is ended is answered once its row says so, and leaves nothing behind (%s)',
  async (access) => {
    begin({ asked: 700, running: 700, task: 10 })
    const asBefore = [slowed('finish', 1_000), slowed('note', 60)]
    const mine = callerOf(principalOf({ access, grantId: 'grant_1' }))
    const first = call('files__write', { n: 1 }, mine)
    await settled()
    if (access === 'ask') allow()
    await vi.waitFor(() => expect(ran).toHaveLength(1))
    at.pipeline.cancelFor('grant_1')
    const told = await first
    expect([said(told), told._meta]).toEqual(['wrote 1', undefined])
    expect(createLateStore(at.db).all()).toEqual([])
    for (const undo of asBefore) undo()
    // Another one of it under way: the same call is a new one all the same.
    const other = call('files__change', {}, mine)
    await settled()
    if (access === 'ask') allow()
    await vi.waitFor(() => expect(finish).toHaveLength(1))
    const again = call('files__write', { n: 1 }, mine)
    await settled()
    if (access === 'ask') allow()
    expect(said(await again)).toBe('wrote 1')
    expect(ran).toHaveLength(3)
    finish[0]!()
    await other
  },
)

it('what ended with its grant just as it was allowed is not written down for the next start', async () => {
  begin()
  slowed('note', 100)
  const first = call('files__write', { n: 1 })
  await settled()
  allow()
  await sleep(10)
  at.pipeline.cancelFor('grant_1')
  await first
  expect(ran).toEqual([])
  expect(createLateStore(at.db).all()).toEqual([])
})

it('a tool that changed takes its late calls with it', async () => {
  begin()
  const done = handleOf(await call('files__write', { n: 1 }))
  allow()
  await settled()
  const running = handleOf(await call('files__change', {}, anybody))
  const waiting = handleOf(await call('files__write', { n: 2 }))
  at.catalog.setSources([])
  await settled()
  expect(at.approvals.list()).toEqual([])
  expect(said(await check(done))).toMatch(
    /was carried out, but its result is not there any more: the tool was changed/,
  )
  expect(said(await check(running))).toMatch(/was changed or removed while it ran.*It may have happened/)
  expect(said(await check(waiting))).toMatch(/Nothing has been done/)
  expect(ran).toHaveLength(2)
})

/** What its owner says of a tool, and nothing of what it does. */
const saidOf = {
  'a note': { note: 'With care.' },
  'another name': { alias: 'edit' },
  'another risk': { risk: 'destructive' },
  'that it is hidden': { enabled: false },
} as const

it.each(Object.entries(saidOf))(
  '%s breaks nothing off that runs, and lets nothing run twice',
  async (_what, said_) => {
    begin()
    const running = await call('files__change', { n: 1 }, anybody)
    const done = await call('files__write', { n: 2 })
    allow()
    await settled()
    at.settings.set('files__change', { enabled: true, ...said_ })
    at.settings.set('files__write', { enabled: true, note: 'With care.', alias: 'save' })
    at.catalog.refresh()
    expect(held(at.pipeline.late, 'files__change', { n: 1 })).toBe(true)
    finish[0]!()
    await vi.waitFor(() => expect(at.rows()[1]).toBe('files__change allowed answered'))
    at.settings.set('files__change', { enabled: true })
    at.catalog.refresh()
    expect(said(await call('files__change', { n: 1 }, anybody))).toBe('change done')
    expect(said(await call('files__write', { n: 2 }))).toBe('wrote 2')
    expect([said(await check(handleOf(running))), said(await check(handleOf(done)))]).toEqual([
      'change done',
      'wrote 2',
    ])
    expect(ran).toHaveLength(2)
  },
)

it('a note and another name leave a question as it is', async () => {
  begin()
  const waiting = handleOf(await call('files__write', { n: 1 }))
  at.settings.set('files__write', { enabled: true, note: 'With care.', alias: 'save' })
  at.catalog.refresh()
  expect(codeOf(await call('save', { n: 1 })), 'is the same call').toBe('approval-pending')
  expect(at.approvals.list()).toHaveLength(1)
  allow()
  await settled()
  expect(said(await check(waiting))).toBe('wrote 1')
})

it.each([
  ['hidden', 'there', { enabled: false }],
  ['hidden', 'gone', { enabled: false }],
  ['of another risk', 'there', { enabled: true, risk: 'destructive' }],
  ['of another risk', 'gone', { enabled: true, risk: 'destructive' }],
] as const)(
  'a question about what is %s by now is put to nobody (its client is %s)',
  async (_what, client, saidNow) => {
    begin(client === 'there' ? { asked: 5_000, running: 5_000, task: 10 } : undefined)
    const answer = call('files__write', { n: 1 })
    const waiting = client === 'gone' ? handleOf(await answer) : null
    await settled()
    expect(at.approvals.list()).toHaveLength(1)
    at.settings.set('files__write', saidNow)
    at.catalog.refresh()
    expect(at.approvals.list()).toEqual([])
    await settled()
    const told = waiting === null ? await answer : await check(waiting)
    expect(said(told)).toMatch(/changed while it waited for your approval\. Nothing has been done/)
    expect(ran).toEqual([])
  },
)

it('a call that takes longer than its client waits goes on, and its result waits', async () => {
  begin({ asked: 500, running: 500, task: 10 })
  const running = await call('files__change', { n: 1 }, anybody)
  expect(said(running)).toMatch(/is still at work.*do not start it again.*drawbridge_check/)
  expect(codeOf(await call('files__change', { n: 1 }, anybody)), 'joins').toBe('call-running')
  const retry = call('files__change', { n: 1 }, anybody)
  await settled()
  finish[0]!()
  expect(said(await retry)).toBe('change done')
  expect(at.rows()).toEqual(['files__change allowed answered'])
  expect(ran).toHaveLength(1)
})

it('one that hears of progress is waited for, and broken off when its client goes, as before', async () => {
  begin({ asked: 600, running: 600, task: 10 })
  const gone = new AbortController()
  const heard: unknown[] = []
  const onProgress = (progress: unknown) => void heard.push(progress)
  const waits = call('files__change', {}, callerOf(principalOf(), gone.signal), { onProgress })
  await vi.waitFor(() => expect(ran).toHaveLength(1))
  for (let part = 1; part <= 8; part += 1) {
    await sleep(120)
    progressed(part)
  }
  expect(heard).toHaveLength(8)
  gone.abort()
  expect(said(await waits)).toMatch(/broken off/)
  await settled()
  expect(at.rows()).toEqual(['files__change allowed cancelled'])
})

it('one that asked for progress and hears of none, or of no more, goes on by itself like any other', async () => {
  begin({ asked: 100, running: 100, task: 10 })
  for (const parts of [0, 2]) {
    const waits = call('files__change', { parts }, anybody, { onProgress: () => {} })
    for (let part = 1; part <= parts; part += 1) {
      await sleep(70)
      progressed(part)
    }
    expect(codeOf(await waits)).toBe('call-running')
  }
})

it('results are kept up to a size, and the oldest go first', async () => {
  begin()
  const results: string[] = []
  for (const [n, large] of [
    [1, 3_000_000],
    [2, 3_000_000],
    [3, 3_000_000],
    [4, 9_000_000],
  ] as const) {
    results.push(handleOf(await call('files__write', { n, large })))
    allow()
    await settled()
  }
  // So much is looked at a piece at a time.
  await expect.poll(async () => said(await check(results[3]!))).toContain('too large to be kept')
  const told = await Promise.all(results.map((handle) => check(handle)))
  expect(told.map((one) => said(one).slice(0, 100).replace(/^x+$/, 'x'))).toEqual([
    expect.stringContaining('was carried out'),
    'x',
    'x',
    expect.stringContaining('was carried out'),
  ])
  expect(said(told[0]!)).toContain('too many other results waited')
  expect(said(told[3]!)).toContain('too large to be kept')
})

it('a result waits half an hour and no longer', async () => {
  begin()
  const handle = handleOf(await call('files__write', { n: 1 }))
  allow()
  await settled()
  vi.useFakeTimers({ now: Date.now() + 31 * 60_000, toFake: ['Date'] })
  try {
    expect(codeOf(await check(handle))).toBe('handle-unknown')
    expect(codeOf(await call('files__write', { n: 1 }))).toBe('approval-pending')
  } finally {
    vi.useRealTimers()
  }
})

it('is a task for a client that takes tasks, and nothing of it for another', async () => {
  begin()
  const task = await call('files__write', { n: 1 }, asker(), { takesTasks: true })
  expect(task).toEqual({
    resultType: 'task',
    taskId: expect.stringMatching(/^.{43}$/),
    status: 'working',
    statusMessage: 'Waiting for your approval in Drawbridge: “Write”. Nothing has been done yet.',
    createdAt: expect.any(String),
    lastUpdatedAt: expect.any(String),
    ttlMs: null,
    pollIntervalMs: 5_000,
  })
  const id = task.taskId as string
  const { tasks } = at.pipeline
  const [own, other] = [{ grantId: 'grant_1' }, { grantId: 'grant_2' }]
  expect([tasks.get(id, reader('grant_2')), tasks.cancel(id, other), tasks.update(id, other, {})]).toEqual([
    null,
    null,
    null,
  ])
  expect(tasks.get(id, reader())?.task.status).toBe('working')
  allow()
  await vi.waitFor(() => expect(at.rows()).toEqual(['files__write approved answered']))
  await settled()
  for (let times = 0; times < 2; times += 1)
    expect(tasks.get(id, reader())).toMatchObject({
      task: { status: 'completed', ttlMs: expect.any(Number) },
      outcome: { result: says('wrote 1') },
    })
  const second = await call('files__write', { n: 2 }, asker(), { takesTasks: true })
  expect(tasks.cancel(second.taskId as string, own)).toBe(true)
  await settled()
  expect(tasks.get(second.taskId as string, reader())?.task.status).toBe('cancelled')
  expect(at.approvals.list()).toEqual([])
  expect(ran).toHaveLength(1)
})

it('after a restart it is said what is known, and only what may have happened holds the same call back', async () => {
  begin()
  const handles = {
    waiting: handleOf(await call('files__write', { n: 1 })),
    done: handleOf(await call('files__write', { n: 2 })),
    running: handleOf(await call('files__change', { n: 3 })),
    reading: handleOf(await call('files__slow')),
  }
  for (const [index, approval] of at.approvals.list().entries())
    if (index > 0) at.approvals.decide(approval.id, 'once', at.approvals.get(approval.id).seen)
  await vi.waitFor(() => expect(ran).toHaveLength(3))
  await settled()
  const next = nextLife(at)
  const told = Object.entries(handles).map(([what, handle]) => [
    what,
    next.byHandle(handle, { grantId: 'grant_2' }) ??
      said(next.byHandle(handle, { grantId: 'grant_1' })!.end!.answer),
  ])
  expect(Object.fromEntries(told)).toEqual({
    waiting: expect.stringMatching(
      /“Write” was not carried out: Drawbridge was stopped before.*make the call again/,
    ),
    done: expect.stringMatching(
      /“Write” was carried out, but Drawbridge was restarted since then.*Do not repeat it/,
    ),
    running: expect.stringMatching(
      /“change” has no result:.*was stopped while it ran\. It may have happened: look before you try again/,
    ),
    reading: expect.stringMatching(/It only reads: make the call again/),
  })
  expect([
    held(next, 'files__write', { n: 1 }),
    held(next, 'files__write', { n: 2 }),
    held(next, 'files__change', { n: 3 }),
    held(next, 'files__slow', {}),
  ]).toEqual([false, true, true, false])
})

/** Whether the same call would not be a new one. */
function held(late: LateCalls, name: string, args: Raw): boolean {
  const request = { caller: asker(), method: 'tools/call', params: { name, arguments: args }, key: 'k' }
  return late.find('grant_1', targetOf(at.catalog, request as never) as Target) !== null
}

it('what may have happened holds the same call back after a restart, however often its server was changed before', async () => {
  begin()
  edition = 3
  await call('files__change', { n: 1 })
  allow()
  await vi.waitFor(() => expect(ran).toHaveLength(1))
  await settled()
  expect(held(at.pipeline.late, 'files__change', { n: 1 })).toBe(true)
  edition = 4
  expect(held(at.pipeline.late, 'files__change', { n: 1 }), 'another one by now').toBe(false)
  // The next life counts anew, and by then its owner may have said something of the tool.
  edition = 0
  at.settings.set('files__change', { enabled: true, risk: 'destructive', note: 'With care.', alias: 'edit' })
  at.catalog.refresh()
  expect(held(nextLife(at), 'edit', { n: 1 })).toBe(true)
  expect(held(nextLife(at), 'edit', { n: 2 })).toBe(false)
  program = 'b'
  expect(held(nextLife(at), 'edit', { n: 1 }), 'another program').toBe(false)
})

it('after a restart it is said as well that the owner changed what ran', () => {
  const rows = [
    { decision: 'edited', outcome: 'answered' },
    { decision: 'edited', outcome: 'running' },
    { decision: 'approved', outcome: 'answered' },
  ]
  const told = rows.map((row) => JSON.stringify(afterRestart('Write', row as Call).end.answer))
  expect(told.map((one) => one.includes('The owner changed the arguments'))).toEqual([true, true, false])
})

it('looks up by hash only a call that may be one of those that were left', async () => {
  begin()
  await call('files__write', { n: 1 })
  const looked: string[] = []
  const look = (late: LateCalls, name: string, grantId = 'grant_1') => {
    const request = {
      caller: asker(grantId),
      method: 'tools/call',
      params: { name, arguments: {} },
      key: 'k',
    }
    const target = targetOf(at.catalog, request as never) as Target
    // Only a hash asks for them.
    Object.defineProperty(target, 'arguments', { get: () => looked.push(`${grantId} ${name}`) })
    late.find(grantId, target)
  }
  for (const name of ['files__write', 'files__change', 'files__slow']) look(at.pipeline.late, name)
  look(at.pipeline.late, 'files__write', 'grant_2')
  expect(looked).toEqual(['grant_1 files__write'])

  allow()
  await vi.waitFor(() => expect(ran).toHaveLength(1))
  await settled()
  looked.length = 0
  const next = nextLife(at)
  for (const name of ['files__write', 'files__change', 'files__slow']) look(next, name)
  look(next, 'files__write', 'grant_2')
  expect(looked).toEqual(['grant_1 files__write'])
})

/** What the next life of the program knows. */
function nextLife({ db, callLog, catalog, redactor }: typeof at): LateCalls {
  const activity = createActivity({ db: callLog, clock: systemClock, log: silentLog, redactor })
  return new LateCalls({
    ...{ clock: systemClock, log: silentLog, catalog, store: createLateStore(db) },
    ...{
      rowOf: (id) => activity.get(id),
      onWaits: async () => {},
      endOverdue: () => {},
      keepMs: () => 60_000,
    },
    patience: { asked: 1, task: 1, running: 1 },
  })
}

it('the tool to check with is listed where something can be late, and no other tool is ever called so', () => {
  const namesOf = (access: 'ask' | 'look' | 'everything', sources: ToolSource[]) => {
    at?.stop()
    at = makePipeline(sources)
    const { items } = at.catalog.list(principalOf({ access }), 'tools', 'modern')
    return items.map(({ name }) => name)
  }
  const quick = serverOf('files', {
    prefixed: false,
    tools: () => [tool('drawbridge_check'), tool('look', { annotations: reads })],
  })
  expect(namesOf('look', [quick])).toEqual(['look'])
  expect(namesOf('everything', [quick])).toEqual(['files__drawbridge_check', 'look'])
  expect(namesOf('ask', [quick])).toEqual(['drawbridge_check', 'files__drawbridge_check', 'look'])
  expect(namesOf('look', [{ ...quick, longest: () => 600_000 }])).toEqual(['drawbridge_check', 'look'])
  const [check] = at.catalog.list(principalOf({ access: 'look' }), 'tools', 'modern').items
  expect(check).toMatchObject({
    annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
  })
})
