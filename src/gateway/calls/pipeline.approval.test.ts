import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Access } from '../../contract/access.ts'
import { principal, reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { rpc } from '../testing/fixture-http.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
let gateway: Gateway
let ran: [string, unknown][] = []
afterEach(async () => {
  ran = []
  await gateway?.stop()
})

const files = (more: Parameters<typeof startGateway>[0] = {}) =>
  startGateway({
    sources: [
      source(
        'files',
        [
          { name: 'look', annotations: reads },
          { name: 'write', title: 'Write a file' },
          { name: 'wipe', annotations: { destructiveHint: true } },
          { name: 'odd', annotations: reads },
        ],
        async (tool, args) => {
          ran.push([tool, args])
          return tool === 'odd' ? ((args.answer ?? undefined) as never) : text(`did ${tool}`)
        },
      ),
    ],
    ...more,
  })

async function call(name: string, args: unknown = {}, token = 'good') {
  const { json } = await gateway.post(rpc('tools/call', { name: `files__${name}`, arguments: args }), {
    Authorization: `Bearer ${token}`,
  })
  return { ...json.result, said: json.result?.content?.[0]?.text as string, error: json.error }
}
const asker = (access: Access = 'ask') =>
  gateway.tokens.set('ask', principal({ access, grantId: 'grant_ask' }))
const rows = () =>
  gateway.activity.list({ limit: 20 }).map((row) => `${row.tool} ${row.decision} ${row.outcome}`)
const allowFirst = () => {
  const { id } = gateway.approvals.list()[0]!
  gateway.approvals.decide(id, 'once', gateway.approvals.get(id).seen)
}
const question = () => expect.poll(() => gateway.approvals.list()[0]).toBeDefined()

/** The owner looks at everything that changed, and takes it. */
const takeAll = () =>
  gateway.catalog.accept(
    gateway.catalog.all().flatMap(({ id, review }) => (review ? [{ id, seen: review.seen }] : [])),
  )

describe('a call that needs approval', () => {
  it('waits, and runs once allowed, with exactly the arguments that were shown', async () => {
    gateway = await files()
    asker()
    const answer = call('write', { path: 'a', token: 'secret-value' }, 'ask')
    await question()
    expect(ran).toEqual([])
    expect(rows()).toEqual(['files__write pending running'])
    const [asked] = gateway.approvals.list()
    expect(asked).toMatchObject({
      tool: 'files__write',
      toolTitle: 'Write a file',
      source: 'Files',
      risk: 'write',
    })
    const { arguments: shown, seen } = gateway.approvals.get(asked!.id)
    expect(JSON.parse(shown)).toEqual({ path: 'a', token: 'secret-value' })
    expect(JSON.stringify(gateway.db.prepare('SELECT * FROM approvals').all())).not.toContain('secret-value')
    gateway.approvals.decide(asked!.id, 'once', seen)
    expect((await answer).said).toBe('did write')
    expect(ran).toEqual([['write', { path: 'a', token: 'secret-value' }]])
    expect(rows()).toEqual(['files__write approved answered'])
  })

  it('says what was read before, where that is why it asks', async () => {
    const outside = { name: 'fetch', annotations: { readOnlyHint: true } }
    gateway = await startGateway({
      sources: [source('files', [outside, { name: 'write' }], async (tool) => text(`did ${tool}`))],
    })
    asker()
    const before = call('write', {}, 'ask')
    await question()
    expect(gateway.approvals.list()[0]).toMatchObject({ why: 'access', readBefore: null })
    allowFirst()
    await before
    const page = { url: 'https://a.test/\u202e' }
    await call('fetch', page, 'ask')
    const write = call('write', {}, 'ask')
    await question()
    const [asked] = gateway.approvals.list()
    expect(asked).toMatchObject({ why: 'taint', readBefore: { what: 'files__fetch https://a.test/' } })
    expect(Date.now() - asked!.readBefore!.at).toBeLessThan(60_000)
    allowFirst()
    expect((await write).said).toBe('did write')
  })

  it('does nothing when denied', async () => {
    gateway = await files()
    asker()
    const answer = call('wipe', {}, 'ask')
    await question()
    gateway.approvals.decide(gateway.approvals.list()[0]!.id, 'deny')
    expect(await answer).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'approval-denied' } })
    expect(ran).toEqual([])
    expect(rows()).toEqual(['files__wipe denied denied'])
  })

  it('answers "pending" in time, and the same call later picks the decision up, once', async () => {
    gateway = await files({ approvalWaitMs: 100 })
    asker()
    const first = await call('write', { a: 1, b: 2 }, 'ask')
    expect(first).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'approval-pending' } })
    expect(first.said).toMatch(/^Waiting for your approval in Drawbridge: “Write a file”.*drawbridge_check/)
    allowFirst()
    expect((await call('write', { a: 1, b: 3 }, 'ask'))._meta).toMatchObject({
      'drawbridge/code': 'approval-pending',
    })
    expect(ran, 'the one that was allowed').toEqual([['write', { a: 1, b: 2 }]])
    expect((await call('write', { b: 2, a: 1 }, 'ask')).said).toBe('did write')
    expect((await call('write', { a: 1, b: 2 }, 'ask')).isError, 'a new call').toBe(true)
    expect(ran).toEqual([['write', { a: 1, b: 2 }]])
    expect(rows()).toEqual([
      'files__write pending pending',
      'files__write pending pending',
      'files__write approved answered',
    ])
  })

  it('is not asked about when it cannot be shown whole; the client is told, and the log has it', async () => {
    gateway = await files()
    asker()
    const large = await call('write', { text: 'x'.repeat(1_000_000) }, 'ask')
    expect(large).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'arguments-too-long' } })
    expect(large.said).toMatch(/more than Drawbridge can show its owner whole.*Nothing has been done/)
    // fits as it came, and not once it is written out
    const hidden = await call('write', { text: '\u202e'.repeat(300_000) }, 'ask')
    expect(hidden._meta).toMatchObject({ 'drawbridge/code': 'arguments-too-long' })
    const waiting = [1, 2, 3, 4].map((n) => call('write', { n, text: 'x'.repeat(999_900) }, 'ask'))
    await expect.poll(() => gateway.approvals.list().length, { timeout: 10_000 }).toBe(4)
    const crowded = await call('write', { n: 5, text: 'x'.repeat(999_900) }, 'ask')
    expect(crowded).toMatchObject({ isError: true, _meta: { 'drawbridge/code': 'approvals-full' } })
    expect(rows().filter((row) => row === 'files__write refused failed')).toHaveLength(3)
    gateway.approvals.cancelFor(null)
    await Promise.all(waiting)
    expect(ran).toEqual([])
  })

  it('in this process gets what was shown, too', async () => {
    gateway = await startGateway({
      sources: [
        source(
          'files',
          [{ name: 'write' }],
          async (tool, args) => {
            ran.push([tool, args])
            return text('ok')
          },
          { kind: 'connector' },
        ),
      ],
    })
    asker()
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__write","arguments":{"n":1e400,"z":-0,"n2":1,"n2":2,"__proto__":{"a":1}}}}'
    const answer = gateway.post(body, { Authorization: 'Bearer ask' })
    await question()
    const { arguments: shown } = gateway.approvals.get(gateway.approvals.list()[0]!.id)
    allowFirst()
    await answer
    expect(ran).toEqual([['write', JSON.parse(shown)]])
    expect(shown.replace(/\s/g, '')).toBe('{"n":null,"z":0,"n2":2,"__proto__":{"a":1}}')
  })

  it('is asked about again when the tool has become another since', async () => {
    gateway = await files({ approvalWaitMs: 100 })
    asker()
    await call('write', { a: 1 }, 'ask')
    gateway.catalog.setSources([
      source('files', [{ name: 'write', title: 'Write a file', description: 'Now it mails' }], async () => {
        ran.push(['mail', null])
        return text('mailed')
      }),
    ])
    expect((await call('write', { a: 1 }, 'ask'))._meta).toMatchObject({ 'drawbridge/code': 'changed' })
    takeAll()
    expect((await call('write', { a: 1 }, 'ask'))._meta).toMatchObject({
      'drawbridge/code': 'approval-pending',
    })
    expect(ran).toEqual([])
    expect(gateway.approvals.list()).toHaveLength(1)
  })

  it('does not run another tool that took its place, nor one switched off', async () => {
    gateway = await files()
    asker()
    for (const change of ['other', 'off'] as const) {
      const answer = call('write', { change }, 'ask')
      await question()
      if (change === 'other')
        gateway.catalog.setSources([
          source(
            'files',
            [{ name: 'write', title: 'Write a file', description: 'Now it mails' }],
            async () => {
              ran.push(['mail', null])
              return text('mailed')
            },
          ),
        ])
      else {
        gateway.settings.set('files__write', { enabled: false })
        gateway.catalog.refresh()
      }
      expect((await answer)._meta).toMatchObject({ 'drawbridge/code': 'tool-changed' })
      expect(gateway.approvals.list(), 'nothing is left to say yes to').toEqual([])
      takeAll()
    }
    expect(ran).toEqual([])
  })
})

describe('revoking', () => {
  it('cuts a running call and a waiting one within moments, and leaves others alone', async () => {
    let aborted = 0
    gateway = await startGateway({
      sources: [
        source('files', [{ name: 'write' }], (_tool, args, { signal }) =>
          args.quick
            ? sleep(300).then(() => text('done'))
            : new Promise((_resolve, reject) =>
                signal.addEventListener('abort', () => {
                  aborted += 1
                  reject(new Error('aborted'))
                }),
              ),
        ),
      ],
    })
    asker()
    const outcome = (promise: Promise<unknown>) =>
      promise.then(
        () => 'answered',
        () => 'cut',
      )
    gateway.tokens.set('gone', principal({ grantId: 'grant_gone' }))
    gateway.tokens.set('stays', principal({ grantId: 'grant_stays' }))
    const running = outcome(call('write', {}, 'gone'))
    const waiting = outcome(call('write', {}, 'ask'))
    const other = outcome(call('write', { quick: true }, 'stays'))
    await expect.poll(() => rows().length).toBe(3)
    await question()
    const before = performance.now()
    gateway.listener.closeGrant('grant_gone')
    gateway.listener.closeGrant('grant_ask')
    expect(await running).toBe('cut')
    expect(await waiting).toBe('cut')
    expect(performance.now() - before).toBeLessThan(1_000)
    expect(await other).toBe('answered')
    expect(aborted).toBe(1)
    await expect
      .poll(() => rows().toSorted())
      .toEqual([
        'files__write allowed answered',
        'files__write allowed cancelled',
        'files__write pending pending',
      ])
  })

  it('takes effect for a request whose token was just being looked at', async () => {
    gateway = await files()
    const { tokens, listener } = gateway
    const get = tokens.get.bind(tokens)
    let looks = 0
    tokens.get = (token) => {
      looks += 1
      const known = get(token)
      if (looks === 1) {
        tokens.delete(token)
        listener.closeGrant('grant_1')
      }
      return known
    }
    expect((await gateway.post(rpc('ping'))).status).toBe(401)
    expect(looks).toBe(2)
  })
})
