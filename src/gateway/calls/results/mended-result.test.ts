import { describe, expect, it } from 'vitest'
import { parseExact } from '../../../kernel/exact-json.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import { checkedResult } from './checked-result.ts'

const text = (words: string) => ({ type: 'text', text: words })
const called = (result: unknown) => checkedResult('tools/call', result, 'Files', 1_000_000)

describe('a tool’s answer that is odd', () => {
  it.each<[string, Raw, Raw]>([
    [
      'structured content alone',
      { structuredContent: { a: 1 } },
      { structuredContent: { a: 1 }, content: [text('{"a":1}')] },
    ],
    ['the result of 2024', { toolResult: [1] }, { toolResult: [1], content: [text('[1]')] }],
    ['a text for content', { content: 'hello' }, { content: [text('hello')] }],
    ['one block for content', { content: text('hello') }, { content: [text('hello')] }],
    ['a text among blocks', { content: ['hello', text('b')] }, { content: [text('hello'), text('b')] }],
    ['null among blocks', { content: [null, text('b')] }, { content: [text('b')] }],
    ['a text that is a number', { content: [{ type: 'text', text: 5 }] }, { content: [text('5')] }],
    ['a block without a type', { content: [{ text: 'a' }] }, { content: [text('a')] }],
    [
      'annotations that are none',
      { content: [{ ...text('a'), annotations: { priority: 5 } }] },
      { content: [text('a')] },
    ],
    [
      'one block for the whole',
      { type: 'text', text: 'hello' },
      { type: 'text', text: 'hello', content: [text('hello')] },
    ],
    [
      'the bytes of a picture, one by one',
      { content: [{ type: 'image', data: { type: 'Buffer', data: [0x89, 0x50] }, mimeType: 'image/png' }] },
      { content: [{ type: 'image', data: 'iVA=', mimeType: 'image/png' }] },
    ],
    [
      'the same as a list',
      { content: [{ type: 'audio', data: [1, 2, 255], mimeType: 'audio/wav' }] },
      { content: [{ type: 'audio', data: 'AQL/', mimeType: 'audio/wav' }] },
    ],
    [
      'an error that is a text',
      { content: [text('a')], isError: 'true' },
      { content: [text('a')], isError: true },
    ],
    ['an error that is nothing', { content: [text('a')], isError: 'no' }, { content: [text('a')] }],
    ['a list for meta', { content: [text('a')], _meta: [] }, { content: [text('a')] }],
    ['nothing to say', {}, { content: [] }],
    ['an error in capitals', { content: ['a'], isError: 'True' }, { content: [text('a')], isError: true }],
    ['a list in the list', { content: [[text('a')], text('b')] }, { content: [text('a'), text('b')] }],
    ['a kind in capitals', { content: [{ type: 'TEXT', text: 'a' }] }, { content: [text('a')] }],
    ['JSON as a kind', { content: [{ type: 'json', json: { a: 1 } }] }, { content: [text('{"a":1}')] }],
    ...[
      { type: 'image', data: 'data:image/png;base64,iVBORw0KGgo=', mimeType: 'image/png' },
      { type: 'image', data: 'data:image/png;charset=utf-8;base64,iVBORw0KGgo=' },
      { type: 'image', data: 'iVBORw0KGgo=' },
      { type: 'image', data: 'iVBORw0KGgo', mime_type: 'image/png', annotations: 'x' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      { type: 'image_url', image_url: 'data:image/png;base64,iVBORw0KGgo=' },
    ].map((given): [string, Raw, Raw] => [
      `a picture as ${JSON.stringify(given)}`,
      { content: [given] },
      { content: [{ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }] },
    ]),
    [
      'a sound in the alphabet of addresses',
      { content: [{ type: 'audio', data: '_-8', mimeType: 'audio/wav' }] },
      { content: [{ type: 'audio', data: '/+8=', mimeType: 'audio/wav' }] },
    ],
    [
      'a link without a name',
      { content: [{ type: 'resource_link', uri: 'a:b', title: 5, size: '7' }] },
      { content: [{ type: 'resource_link', uri: 'a:b', name: 'a:b' }] },
    ],
    [
      'a resource that is not in one',
      { content: [{ type: 'resource', uri: 'a:b', text: 'hi', mimeType: 5 }] },
      { content: [{ type: 'resource', resource: { uri: 'a:b', text: 'hi' } }] },
    ],
    [
      'a resource without an address',
      { content: [{ type: 'resource', resource: { text: 'hi' } }] },
      { content: [text('hi')] },
    ],
  ])('%s', (_what, result, expected) => expect(called(result)).toEqual(expected))

  it('costs the block that nobody knows, and says what it was', () => {
    const { content } = called({
      content: [text('a'), { type: 'video', url: 'x' }, { type: 'image', data: 'AA' }, text('b')],
    }) as { content: Raw[] }
    expect(content[0]).toEqual(text('a'))
    expect(content[1]!.text).toBe(
      '[A part of this answer of the kind “video” is not as MCP has it and cannot be passed on: {"type":"video","url":"x"}]',
    )
    expect(content[2]!.text).toContain('of the kind “image”')
    expect(content[3]).toEqual(text('b'))
    const long = called({ content: [{ type: 'video', data: 'x'.repeat(9_000) }] }) as { content: Raw[] }
    expect((long.content[0]!.text as string).length).toBeLessThan(200)
  })

  it('is passed on as it came when nothing is odd, numbers that keep their text included', () => {
    for (const one of [
      {
        content: [{ type: 'image', data: 'AA==', mimeType: 'image/png' }],
        structuredContent: { a: null },
        more: 1,
      },
      parseExact(
        '{"content":[{"type":"text","text":"a","annotations":{"priority":1.0}}],"structuredContent":{"n":1e400}}',
      ),
    ])
      expect(called(one)).toBe(one)
  })

  it.each([null, 'x', [1], { foo: 1 }, { resultType: 'complete', foo: 1 }])('%j is none', (result) =>
    expect(() => called(result)).toThrow('not a tool result'),
  )

  it('is refused for the number of its parts by that number', () => {
    const link = { type: 'resource_link', uri: 'a:b', name: 'b' }
    expect(() => called({ content: Array.from({ length: 2_001 }, () => link) })).toThrow(
      'an answer of 2001 parts; 2000 can be passed on',
    )
    const text = { type: 'text', text: 'a' }
    expect(called({ content: Array.from({ length: 3_000 }, () => text) }).content).toHaveLength(3_000)
  })
})

describe('other answers that are odd', () => {
  it('of a document', () => {
    const read = (result: unknown) => checkedResult('resources/read', result, 'Files', 1_000, 'test://a')
    expect(
      read({
        contents: [
          { text: 'a', mimeType: null },
          { uri: 'test://b', blob: 'AA==', mimeType: 5 },
        ],
      }),
    ).toEqual({
      contents: [
        { uri: 'test://a', text: 'a' },
        { uri: 'test://b', blob: 'AA==' },
      ],
    })
    // A part that cannot be had costs itself.
    const good = { uri: 'test://c', text: 'c' }
    expect(
      read({ contents: [null, 7, 'b', { uri: 5, text: 'd' }, { uri: 'test://e', blob: '\u0000' }, good] }),
    ).toEqual({
      contents: [
        { uri: 'test://a', text: '7' },
        { uri: 'test://a', text: 'b' },
        { uri: 'test://a', text: 'd' },
        { uri: 'test://e', text: expect.stringContaining('cannot be passed on') },
        good,
      ],
    })
    expect(read({ contents: { uri: 'test://a', text: 'a' } })).toEqual({
      contents: [{ uri: 'test://a', text: 'a' }],
    })
    expect(() => read({})).toThrow('does not fit')
  })

  it('of a prompt', () => {
    const got = (result: unknown) => checkedResult('prompts/get', result, 'Files', 1_000)
    expect(
      got({
        description: 5,
        messages: [
          { role: 'system', content: 'a' },
          { role: 'assistant', content: [text('b'), { type: 'odd' }] },
        ],
      }),
    ).toEqual({
      messages: [
        { role: 'user', content: text('a') },
        { role: 'assistant', content: text('b') },
        { role: 'assistant', content: expect.objectContaining({ type: 'text' }) },
      ],
    })
  })

  it('of what could be meant', () => {
    const completed = (result: unknown) => checkedResult('completion/complete', result, 'Files', 10_000)
    expect(completed({ completion: { values: ['a', 5, 'b'] } })).toEqual({
      completion: { values: ['a', 'b'], hasMore: false },
    })
    const values = Array.from({ length: 150 }, String)
    expect(completed({ completion: { values } })).toEqual({
      completion: { values: values.slice(0, 100), hasMore: true },
    })
  })
})

it('what was read is read as a `data:` URL, too', () => {
  const read = (result: unknown) => checkedResult('resources/read', result, 'Files', 1_000_000, 'a:b')
  expect(read({ contents: { uri: 5, blob: 'data:image/png;base64,AA==' } })).toEqual({
    contents: [{ uri: 'a:b', blob: 'AA==', mimeType: 'image/png' }],
  })
})
