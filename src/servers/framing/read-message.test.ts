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
    ['with no error beside it', '{"jsonrpc":"2.0","id":7,"result":{"a":1},"error":{}}', [answer]],
    ['with false for no error', '{"jsonrpc":"2.0","id":7,"result":{"a":1},"error":false}', [answer]],
    [
      'with Go’s nothing for an error',
      '{"jsonrpc":"2.0","id":7,"result":{"a":1},"error":{"code":0,"message":""}}',
      [answer],
    ],
    [
      'with success for an error',
      '{"jsonrpc":"2.0","id":7,"result":{"a":1},"error":{"code":0,"message":"Success"}}',
      [answer],
    ],
    [
      'with the method that it answers',
      '{"jsonrpc":"2.0","id":7,"method":"ping","result":{"a":1}}',
      [answer],
    ],
    ['with spaces in its id', '{"jsonrpc":"2.0","id":" 7 ","result":{"a":1}}', [answer]],
    [
      'behind one another',
      `${JSON.stringify(answer)}${JSON.stringify({ ...answer, id: 8 })}`,
      [answer, { ...answer, id: 8 }],
    ],
    [
      'in lines of a body',
      `${JSON.stringify(answer)}\n\n{oops}\n${JSON.stringify({ ...answer, id: 8 })}\n`,
      [answer, { ...answer, id: 8 }],
    ],
    ['in colour', `\u001b[0;32m${JSON.stringify(answer)}\u001b[0m`, [answer]],
    ['with NULs', `\0${JSON.stringify(answer)}\0\0`, [answer]],
    ['as a record of a sequence', `\u001e${JSON.stringify(answer)}`, [answer]],
    ['as an event', `data: ${JSON.stringify(answer)}`, [answer]],
    ['with a semicolon', `${JSON.stringify(answer)};`, [answer]],
    [
      'with Python’s numbers that are none',
      '{"jsonrpc":"2.0","id":7,"result":{"structuredContent":{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN, [NaN"}}}',
      [{ ...answer, result: { structuredContent: { a: null, b: [null, null], c: 'NaN, [NaN' } } }],
    ],
    [
      'with Go’s empty list',
      '{"jsonrpc":"2.0","id":7,"result":{"tools":null,"capabilities":{"prompts":null}}}',
      [{ ...answer, result: { tools: [], capabilities: {} } }],
    ],
    ['for a log', '{"level":"info","id":3,"msg":"hello"}', []],
    ['for a log of requests', '{"method":"GET","id":3}', []],
    ['as a text', '"hello"', []],
    ['as a number', '9007199254740993', []],
  ])('%s', (_how, text, expected) => expect(readMessages(text)).toEqual(expected))

  it.each([
    `Fetched: ${JSON.stringify(answer)}`,
    `${JSON.stringify(answer)} is what the page says`,
    `{"page":"x"} ${JSON.stringify(answer)} and more`,
    '{"a":NaN',
  ])('is not looked for within what it says about something: %s', (text) =>
    expect(() => readMessages(text)).toThrow(SyntaxError),
  )

  it.each([`${'\0'.repeat(5_000_000)}{}`, '{}'.repeat(20_000)])('and rubbish without end is none', (text) =>
    expect(() => readMessages(text)).toThrow(/JSON|too many/),
  )

  it('keeps the text of numbers that are not ours to read', () => {
    const text =
      '{"jsonrpc":"2.0","id":7,"result":{"structuredContent":{"n":9007199254740993,"x":1e400,"z":-0,"f":1.0}}}'
    expect(JSON.stringify(readMessages(text)[0])).toBe(text)
  })
})
