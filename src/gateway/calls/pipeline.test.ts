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

async function call(name: string, args: unknown = {}, token = 'good', path = '/mcp') {
  const { json } = await gateway.post(
    rpc('tools/call', { name: `files__${name}`, arguments: args }),
    { Authorization: `Bearer ${token}` },
    path,
  )
  return { ...json.result, said: json.result?.content?.[0]?.text as string, error: json.error }
}
const asker = (access: Access = 'ask') =>
  gateway.tokens.set('ask', principal({ access, grantId: 'grant_ask' }))
const rows = () =>
  gateway.activity.list({ limit: 20 }).map((row) => `${row.tool} ${row.decision} ${row.outcome}`)
const _question = () => expect.poll(() => gateway.approvals.list()[0]).toBeDefined()

describe('a call', () => {
  it('that is allowed is in the log before it is answered, arguments and result redacted', async () => {
    gateway = await files()
    const answer = await call('look', { password: 'hunter2!', name: 'x' })
    expect(answer.said).toBe('did look')
    const [row] = gateway.activity.list({ limit: 1 })
    expect(row).toMatchObject({
      tool: 'files__look',
      source: 'Files',
      risk: 'read',
      decision: 'allowed',
      outcome: 'answered',
      clientName: 'Test client',
    })
    expect(row!.arguments).not.toContain('hunter2')
    expect(ran).toEqual([['look', { password: 'hunter2!', name: 'x' }]])
  })

  it('that changes something has a running row while it runs', async () => {
    let during: string[] = []
    gateway = await startGateway({
      sources: [
        source('files', [{ name: 'write' }], async () => {
          during = rows()
          return text('ok')
        }),
      ],
    })
    await call('write')
    expect(during).toEqual(['files__write allowed running'])
    expect(rows()).toEqual(['files__write allowed answered'])
  })

  it('is not made when it cannot be recorded, and a read is not answered', async () => {
    gateway = await files()
    gateway.activity.stop()
    const change = await call('write')
    expect(change).toMatchObject({ isError: true })
    expect(change.said).toContain('activity log')
    expect(ran).toEqual([])
    const read = await call('look')
    expect(read.said).toContain('activity log')
  })

  it('whose end cannot be recorded says so instead of answering', async () => {
    gateway = await startGateway({
      sources: [
        source('files', [{ name: 'write' }], async () => {
          gateway.activity.stop()
          return text('ok')
        }),
      ],
    })
    const answer = await call('write')
    expect(answer).toMatchObject({ isError: true })
    expect(answer.said).toContain('The call was made')
  })

  it('that is denied says why, and does nothing', async () => {
    gateway = await files()
    asker('look')
    gateway.tokens.set('few', principal({ tools: new Set(['files__look']) }))
    gateway.settings.set('files__wipe', { enabled: false })
    gateway.catalog.refresh()
    expect((await call('write', {}, 'ask')).said).toContain('not change them')
    expect((await call('write', {}, 'few')).said).toContain('may not use this tool')
    expect((await call('wipe')).said).toContain('switched off')
    expect(ran).toEqual([])
    expect(rows()).toEqual([
      'files__wipe denied denied',
      'files__write denied denied',
      'files__write denied denied',
    ])
    expect(gateway.traffic.at(-1)).toMatchObject({ ok: false, problem: { code: 'disabled' } })
  })

  it('of a tool for this computer only is refused to everybody elsewhere, listed to nobody there', async () => {
    const at = { name: 'here', annotations: reads, localOnly: true }
    const call = async (tool: string) => {
      ran.push([tool, null])
      return text('leaked')
    }
    gateway = await startGateway({ sources: [source('own', [at], call, { kind: 'connector' })] })
    const rights: Parameters<typeof principal>[0][] = [
      {},
      { kind: 'client', scopes: new Set(['mcp:use', 'mcp:read', 'mcp:write', 'own.read']) },
      { tools: new Set(['own__here']) },
      { access: 'ask' },
    ]
    for (const [index, right] of rights.entries()) {
      gateway.tokens.set(`t${index}`, principal(right))
      const as = { Authorization: `Bearer t${index}`, Host: 'name.example' }
      expect((await gateway.post(rpc('tools/list'), as)).json.result.tools).toEqual([])
      const { status, json } = await gateway.post(rpc('tools/call', { name: 'own__here' }), as)
      expect([status, json.result.isError]).toEqual([200, true])
      expect(json.result.content[0].text).toContain('only works for programs on the computer')
    }
    expect(rows()).toEqual(rights.map(() => 'own__here denied denied'))
    expect(ran).toEqual([])
  })

  it('of another workspace does not exist', async () => {
    gateway = await files({ workspaces: ['default', 'work'] })
    gateway.tokens.set('work', principal({ workspace: 'work' }))
    expect((await call('look', {}, 'work', '/mcp/work')).error).toMatchObject({ code: -32602 })
    expect(ran).toEqual([])
  })

  it.each([
    ['nothing', null, 'not a tool result'],
    ['a list', [1], 'not a tool result'],
    ['too much', { content: [{ type: 'text', text: 'x'.repeat(33_000_000) }] }, '33.0 MB; 32 MB'],
    [
      'a question to the user',
      { resultType: 'input_required', inputRequests: {}, content: [] },
      'not a tool result',
    ],
  ])('that is answered with %s ends in a clear message', async (_name, answer, expected) => {
    gateway = await startGateway({
      sources: [source('files', [{ name: 'odd', annotations: reads }], async () => answer as never)],
    })
    const result = await call('odd')
    expect(result.isError).toBe(true)
    expect(result.said).toContain(expected)
  })

  it('takes no longer than it may', async () => {
    gateway = await startGateway({
      sources: [source('files', [{ name: 'write' }], () => new Promise(() => {}))],
      callTimeout: 100,
    })
    const answer = await call('write')
    expect(answer.said).toContain('did not answer within 1 seconds')
    expect(rows()).toEqual(['files__write allowed failed'])
  })

  it('takes as long as its owner lets it, where that is more', async () => {
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 400))
      return { content: [{ type: 'text', text: 'done' }] }
    }
    const files = source('files', [{ name: 'write' }], slow)
    gateway = await startGateway({
      sources: [{ ...files, longest: () => 5_000 }],
      callTimeout: 100,
    })
    expect(await call('write')).toMatchObject({ said: 'done' })
  })

  it('takes no longer than that, though', async () => {
    const files = source('files', [{ name: 'write' }], () => new Promise(() => {}))
    gateway = await startGateway({
      sources: [{ ...files, longest: () => 1_100 }],
      callTimeout: 100,
    })
    expect((await call('write')).said).toContain('did not answer within 1 seconds')
  })

  it('tells nothing about an error that was not written for people', async () => {
    gateway = await startGateway({
      sources: [
        source('files', [{ name: 'look', annotations: reads }], () => {
          throw new TypeError('secret path /home/me/key.pem')
        }),
      ],
    })
    const answer = await call('look')
    expect(answer.said).toBe(
      'Something went wrong inside Drawbridge. Try again. If it happens again, the log file in the data folder has the details.',
    )
  })

  it('is not led astray by names of prototypes', async () => {
    gateway = await files()
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__look","arguments":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":1}}}'
    expect((await gateway.post(body)).json.result.content[0].text).toBe('did look')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    const args = ran[0]![1] as Record<string, unknown>
    expect(args.polluted).toBeUndefined()
    expect(args.a).toBe(1)
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect((await gateway.post(rpc('tools/call', { name }))).json.error.code).toBe(-32602)
  })
})

it('what was promised to be structured and came as a text is both', async () => {
  const outputSchema = { type: 'object', properties: { a: { type: 'integer' } } }
  gateway = await startGateway({
    sources: [
      source('files', [{ name: 'count', annotations: reads, outputSchema }], async () => text('{"a":1}')),
    ],
  })
  expect(await call('count')).toMatchObject({ said: '{"a":1}', structuredContent: { a: 1 } })
})
