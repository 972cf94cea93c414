import { afterEach, describe, expect, it } from 'vitest'
import { parseExact } from '../../kernel/exact-json.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { principal, reads, source, startGateway } from '../testing/fixture-gateway.ts'
import { openSession } from '../testing/fixture-session.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
let gateway: Gateway
let got: string[] = []
afterEach(async () => {
  got = []
  await gateway?.stop()
})

const result = '{"content":[],"structuredContent":{"n":9007199254740993,"x":1e400,"z":-0,"f":1.0,"d":null}}'
const inputSchema = parseExact(
  '{"type":"object","properties":{"n":{"type":"number","default":1.0,"maximum":9007199254740993,"enum":[null,1e400]}}}',
) as object
const begin = async () => {
  gateway = await startGateway({
    sources: [
      source(
        'files',
        [
          { name: 'look', annotations: reads, inputSchema },
          { name: 'write', title: 'Write a file' },
        ],
        async (_tool, args) => {
          got.push(JSON.stringify(args))
          return parseExact(result) as Raw
        },
      ),
    ],
  })
}
const call = (name: string, args: string, token = 'good') =>
  gateway.post(
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__${name}","arguments":${args}}}`,
    { Authorization: `Bearer ${token}` },
  )
const numbers =
  '{"n":9007199254740993,"x":[1e400,{"z":-0}],"f":1.0,"e":1E5,"d":0.12345678901234567890,"none":null}'

describe('numbers', () => {
  it('get to a server and back byte for byte', async () => {
    await begin()
    const { text } = await call('look', numbers)
    expect(got).toEqual([numbers])
    expect(text).toBe(`{"jsonrpc":"2.0","id":1,"result":${result}}`)
  })

  it('are shown, asked about, stored and run as they were written', async () => {
    await begin()
    gateway.tokens.set('ask', principal({ access: 'ask', grantId: 'grant_ask' }))
    const allow = async (args: string) => {
      const answer = call('write', args, 'ask')
      await expect.poll(() => gateway.approvals.list()[0]).toBeDefined()
      const { id } = gateway.approvals.list()[0]!
      const { arguments: shown, seen } = gateway.approvals.get(id)
      const { arguments: stored } = gateway.db
        .prepare('SELECT arguments FROM approvals WHERE id = ?')
        .get(id) as Raw
      gateway.approvals.decide(id, 'once', seen)
      await answer
      return [shown, stored].map((text) => String(text).replace(/\s/g, ''))
    }
    expect(await allow(numbers)).toEqual([numbers, numbers])
    expect(got).toEqual([numbers])
    const [row] = gateway.activity.list({ limit: 1 })
    expect(gateway.activity.get(row!.id)).toMatchObject({ arguments: numbers, result })
    // Another text is another question.
    expect(await allow('{"n":9007199254740992}')).toEqual([
      '{"n":9007199254740992}',
      '{"n":9007199254740992}',
    ])
    expect(await allow('{"n":9007199254740993}')).toEqual([
      '{"n":9007199254740993}',
      '{"n":9007199254740993}',
    ])
    const hashes = gateway.db.prepare('SELECT count(DISTINCT arguments_hash) AS n FROM approvals').get()
    expect(hashes).toEqual({ n: 3 })
  })

  it('of a schema are listed as they are', async () => {
    await begin()
    const { text } = await gateway.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
    expect(text).toContain('"default":1.0,"maximum":9007199254740993,"enum":[null,1e400]')
  })

  it('of a message are ordinary ones where we read them', async () => {
    await begin()
    const { status, json } = await gateway.post(
      '{"jsonrpc":"2.0","id":7.0,"method":"tools/call","params":{"name":"files__look","arguments":{"n":1.0},"_meta":{"progressToken":3.0}}}',
    )
    expect([status, json.id]).toEqual([200, 7])
    for (const args of ['1e400', '1.0', '"x"'])
      expect((await call('look', args)).json.error.code).toBe(-32602)
    expect(got).toEqual(['{"n":1.0}'])
  })
})

describe('nulls of a client', () => {
  it('are absent where a field could be, and values within arguments', async () => {
    await begin()
    const { json } = await gateway.post(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__look","arguments":{"title":null},"_meta":{"progressToken":null},"task":null}}',
    )
    expect(json.result.structuredContent.d).toBeNull()
    expect(got).toEqual(['{"title":null}'])
    for (const params of ['null', '{"cursor":null,"_meta":null}'])
      expect(
        (await gateway.post(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${params}}`)).json.result
          .tools,
      ).toHaveLength(2)
    const initialize =
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":null,"clientInfo":{"name":"c","version":"1","title":null}}}'
    expect((await gateway.post(initialize)).json.result.protocolVersion).toBe('2025-11-25')
    await call('look', 'null')
    expect(got).toEqual(['{"title":null}', '{}'])
  })

  it.each<[string, string]>([
    ['an empty list for params', '"method":"tools/list","params":[]'],
    ['an empty list for meta', '"method":"tools/list","params":{"_meta":[]}'],
    ['an empty cursor', '"method":"tools/list","params":{"cursor":""}'],
    ['a progress token that is none', '"method":"tools/list","params":{"_meta":{"progressToken":{}}}'],
    ['half a progress token', '"method":"tools/list","params":{"_meta":{"progressToken":1.5}}'],
    [
      'an empty list of capabilities',
      '"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":[],"clientInfo":[]}',
    ],
    ['a level of another library', '"method":"logging/setLevel","params":{"level":"WARN"}'],
  ])('and so is what PHP and others write for it: %s', async (_what, rest) => {
    await begin()
    const { status, json } = await gateway.post(`{"jsonrpc":"2.0","id":1,${rest}}`)
    expect([status, json.error]).toEqual([200, undefined])
  })

  it.each<[string, Record<string, string>]>([
    ['a version that JavaScript has not', { 'MCP-Protocol-Version': 'undefined' }],
    ['a version said twice', { 'MCP-Protocol-Version': '2025-06-18, 2025-06-18' }],
    ['another name of JSON', { 'Content-Type': 'application/json-rpc' }],
    ['JSON of some kind', { 'Content-Type': 'application/vnd.mcp+json; charset=utf-8' }],
  ])('nor does a header stand in the way: %s', async (_what, headers) => {
    await begin()
    const { status, json } = await gateway.post('{"jsonrpc":"2.0","id":1,"method":"ping"}', headers)
    expect([status, json.result]).toEqual([200, {}])
  })

  it('nor a session that is named twice', async () => {
    await begin()
    const { id, post } = await openSession(gateway)
    const { status } = await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', {
      'Mcp-Session-Id': `${id}, ${id}`,
    })
    expect(status).toBe(200)
  })

  it('a request that names itself so is still refused', async () => {
    await begin()
    expect((await gateway.post('{"jsonrpc":"2.0","id":null,"method":"tools/list"}')).status).toBe(400)
  })
})
