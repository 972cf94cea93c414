import { describe, expect, it } from 'vitest'
import { messageWithoutNulls, nothingGiven, serverMessageWithoutNulls, withoutNulls } from './nulls.ts'

const freed = (message: unknown) => {
  const text = JSON.stringify(message)
  return messageWithoutNulls(JSON.parse(text), text)
}

describe('null for what is not there', () => {
  it.each<[string, unknown, unknown]>([
    [
      'a tool',
      { name: 'a', title: null, annotations: null, outputSchema: null, _meta: null, icons: null },
      { name: 'a' },
    ],
    [
      'parts of a tool',
      { annotations: { title: null, readOnlyHint: true } },
      { annotations: { readOnlyHint: true } },
    ],
    [
      'params',
      { method: 'notifications/tools/list_changed', params: null },
      { method: 'notifications/tools/list_changed' },
    ],
    ['the error of a good answer', { id: 1, result: {}, error: null }, { id: 1, result: {} }],
    [
      'arguments of a prompt',
      { prompts: [{ name: 'a', arguments: [{ name: 'b', required: null }] }] },
      { prompts: [{ name: 'a', arguments: [{ name: 'b' }] }] },
    ],
    ['capabilities', { capabilities: { tools: {}, prompts: null } }, { capabilities: { tools: {} } }],
    [
      'a keyword of a schema',
      { inputSchema: { type: 'object', properties: { a: { type: 'string', title: null } }, required: null } },
      { inputSchema: { type: 'object', properties: { a: { type: 'string' } } } },
    ],
    [
      'a property that may be anything',
      { inputSchema: { properties: { a: null } } },
      { inputSchema: { properties: { a: {} } } },
    ],
    [
      'what a person did not fill in',
      { id: 1, result: { action: 'accept', content: null } },
      { id: 1, result: { action: 'accept' } },
    ],
    ['the protocol’s own meta', { _meta: { progressToken: null, mine: null } }, { _meta: { mine: null } }],
  ])('is absent: %s', (_what, message, expected) => expect(freed(message)).toEqual(expected))

  it.each<[string, unknown]>([
    ['arguments', { method: 'tools/call', params: { arguments: { a: null, b: { c: null }, title: null } } }],
    ['structured content', { result: { structuredContent: { a: null, list: [null, { b: null }] } } }],
    [
      'values in schemas',
      {
        inputSchema: {
          properties: { a: { default: null, enum: ['x', null], const: null, examples: [null] } },
        },
      },
    ],
    ['what a person filled in', { result: { action: 'accept', content: { name: null } } }],
    ['what was logged', { method: 'notifications/message', params: { level: 'info', data: null } }],
    ['parts of what was logged', { params: { data: { a: null } } }],
    ['lists', { result: { content: [null] } }],
    ['a request that names itself so', { id: null, method: 'tools/call' }],
  ])('is a value: %s', (_what, message) => expect(freed(message)).toEqual(message))

  it('is an empty list where a server answers with one, also among others', () => {
    const text = '[{"id":1,"result":{"content":null}},{"id":2,"result":{"tools":null}},null]'
    expect(serverMessageWithoutNulls(JSON.parse(text), text)).toEqual([
      { id: 1, result: { content: nothingGiven } },
      { id: 2, result: { tools: nothingGiven } },
      null,
    ])
  })

  it('is nowhere a value in metadata', () => {
    expect(withoutNulls({ a: null, b: { c: null, d: [{ e: null, f: 1 }] } })).toEqual({
      b: { d: [{ f: 1 }] },
    })
  })
})
