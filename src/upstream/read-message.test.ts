import { describe, expect, it } from 'vitest'
import { readMessages } from './read-message.ts'

const answer = { jsonrpc: '2.0', id: 7, result: { a: 1 } }

describe('what a server wrote', () => {
  it.each<[string, string, unknown[]]>([
    ['as it should', JSON.stringify(answer), [answer]],
    ['with a byte order mark', `\uFEFF${JSON.stringify(answer)}`, [answer]],
    ['with its id as a text', '{"jsonrpc":"2.0","id":"7","result":{"a":1}}', [answer]],
    ['with its id as another number', '{"jsonrpc":"2.0","id":7.0,"result":{"a":1}}', [answer]],
    ['without a version', '{"id":7,"result":{"a":1}}', [answer]],
    ['with its version as a number', '{"jsonrpc":2.0,"id":7,"result":{"a":1}}', [answer]],
    ['with an error that is none', '{"jsonrpc":"2.0","id":7,"result":{"a":1},"error":null}', [answer]],
    [
      'as a list',
      `[${JSON.stringify(answer)},{"x":1},${JSON.stringify({ ...answer, id: 8 })}]`,
      [answer, { ...answer, id: 8 }],
    ],
    ['over several lines', JSON.stringify(answer, null, 2), [answer]],
    [
      'with a name for an error',
      '{"jsonrpc":"2.0","id":7,"error":"no"}',
      [{ jsonrpc: '2.0', id: 7, error: { code: -32603, message: 'no' } }],
    ],
    [
      'with the code of an error as a text',
      '{"jsonrpc":"2.0","id":7,"error":{"code":"-32602","message":"no"}}',
      [{ jsonrpc: '2.0', id: 7, error: { code: -32602, message: 'no' } }],
    ],
    [
      'with nothing for params',
      '{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":null}',
      [{ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }],
    ],
    [
      'with a text for params, of a notification',
      '{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":"x"}',
      [{ jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: {} }],
    ],
    [
      'with an empty list for params',
      '{"jsonrpc":"2.0","method":"ping","id":1,"params":[]}',
      [{ jsonrpc: '2.0', method: 'ping', id: 1, params: {} }],
    ],
    [
      'with its progress in texts',
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"7","progress":1.0,"total":"4"}}',
      [
        {
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: { progressToken: 7, progress: 1, total: 4 },
        },
      ],
    ],
    [
      'that is an answer without anything',
      '{"jsonrpc":"2.0","id":7,"result":null}',
      [{ jsonrpc: '2.0', id: 7 }],
    ],
    ['for a log', '{"level":"info","id":3,"msg":"hello"}', []],
    ['for a log of requests', '{"method":"GET","id":3}', []],
    ['as a text', '"hello"', []],
    ['as a number', '9007199254740993', []],
  ])('%s', (_how, text, expected) => expect(readMessages(text)).toEqual(expected))

  it('keeps the text of numbers that are not ours to read', () => {
    const text =
      '{"jsonrpc":"2.0","id":7,"result":{"structuredContent":{"n":9007199254740993,"x":1e400,"z":-0,"f":1.0}}}'
    expect(JSON.stringify(readMessages(text)[0])).toBe(text)
  })
})
