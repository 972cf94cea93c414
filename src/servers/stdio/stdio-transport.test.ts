import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseExact } from '../../kernel/exact-json.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import {
  closeAll,
  exchange,
  node,
  odd,
  type SetUp,
  setUp,
  sourceOf,
  stdio,
  textOf,
} from '../testing/setup.ts'

let at: SetUp
beforeEach(() => {
  at = setUp({ call: 5_000, start: 8_000, otherLists: 300, check: 500 })
})
afterEach(closeAll)

const add = (answers: Record<string, string | null>) =>
  at.servers.add(stdio('Odd', [odd, JSON.stringify(answers)]))
const source = () => sourceOf(at.servers, 'odd')

describe('odd framing is understood', () => {
  const text = '{"jsonrpc":"2.0","id":ID,"result":{"content":[{"type":"text","text":"understood"}]}}'
  it.each<[string, string]>([
    ['an id as a text', text.replace('ID', '"ID"')],
    ['a byte order mark', `\uFEFF${text}`],
    ['a carriage return', `${text}\r`],
    ['a list', `[${text}]`],
    ['no version', text.replace('"jsonrpc":"2.0",', '')],
    ['an error that is null', text.replace('}]}}', '}]},"error":null}')],
    [
      'more than one message',
      `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":1}}${text}`,
    ],
    ['several lines', text.replaceAll(/[{},]/g, '$&\n  ')],
    ['several lines in colour', `\u001b[36m${text.replaceAll(/[{},]/g, '$&\n  ')}\u001b[39m`],
    ['lines of another frame', `Content-Length: 99\r\n\r\n${text}`],
    ['colours', `\u001b[36m${text}\u001b[39m`],
    ['a bare list of blocks', '{"jsonrpc":"2.0","id":ID,"result":[{"type":"text","text":"understood"}]}'],
  ])('%s', async (_what, line) => {
    await add({ echo: line })
    expect(textOf(await source().call('echo', {}, exchange()))).toBe('understood')
  })

  it('an answer without anything fails its call at once, and no other', async () => {
    await add({ nothing: '{"jsonrpc":"2.0","id":ID,"result":null}' })
    await expect(source().call('nothing', {}, exchange())).rejects.toMatchObject({
      code: 'server-answer-invalid',
    })
    expect(textOf(await source().call('echo', {}, exchange()))).toBe('{}')
  })
})

it.each(['9007199254740993', '1e400', '-0', '1.0', '0.10000000000000000555', '1E5'])(
  'the number %s gets to the server and back as it is',
  async (number) => {
    await add({})
    const args = `{"n":${number},"deep":[{"n":${number}}],"s":"${number}"}`
    const answer = await source().call('echo', parseExact(args) as Raw, exchange())
    expect(textOf(answer)).toBe(args)
    expect(JSON.stringify(answer.structuredContent)).toBe(args)
  },
)

describe('a large answer', () => {
  const big = (size: number) =>
    `{"jsonrpc":"2.0","id":ID,"result":{"content":[{"type":"text","text":"${'x'.repeat(size)}"}]}}`
  it('comes through up to the size that the owner set, and beyond it is dropped with words', async () => {
    let largest = 32_000_000
    const servers = at.create({ largestAnswer: () => largest })
    await servers.add(
      stdio('Odd', [
        '-e',
        `
      const big = ${JSON.stringify(big(0))}
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line)
        if (method === 'tools/call') process.stdout.write(big.replace('ID', id).replace('text":""', 'text":"' + 'x'.repeat(4_340_000) + '"') + '\\n')
        else if (id !== undefined) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...(method === 'initialize' ? { result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'o', version: '1' } } } : method === 'tools/list' ? { result: { tools: [{ name: 'big', inputSchema: { type: 'object' } }] } } : { error: { code: -32601, message: 'no' } }) }) + '\\n')
      })`,
      ]),
    )
    const call = () => sourceOf(servers, 'odd').call('big', {}, exchange())
    expect(textOf(await call())).toHaveLength(4_340_000)
    largest = 4_000_000
    expect(textOf(await call())).toMatch(/larger than 4 MB.*Settings, Limits.*--largest-answer/)
    largest = 5_000_000
    expect(textOf(await call())).toHaveLength(4_340_000)
  })
})
