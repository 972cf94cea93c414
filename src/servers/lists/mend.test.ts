import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Raw } from '../../mcp/tool-source.ts'
import {
  closeAll,
  exchange,
  odd,
  type SetUp,
  setUp,
  sourceOf,
  stdio,
  textOf,
  until,
} from '../testing/setup.ts'

let at: SetUp
beforeEach(() => {
  at = setUp({ call: 5_000, start: 8_000, otherLists: 300, check: 500 })
})
afterEach(closeAll)

const result = (value: unknown) => `{"jsonrpc":"2.0","id":ID,"result":${JSON.stringify(value)}}`
const add = (answers: Record<string, string | null>) =>
  at.servers.add(stdio('Odd', [odd, JSON.stringify(answers)]))
const source = () => sourceOf(at.servers, 'odd')
const now = () => at.servers.list()[0]!

describe('one list that cannot be had costs that list', () => {
  it.each<[string, string, string | null, RegExp]>([
    ['prompts', 'prompts/list', result({}), /^the server’s answer has no list in it$/],
    [
      'prompts',
      'prompts/list',
      '{"jsonrpc":"2.0","id":ID,"error":{"code":-32000,"message":"prompts are broken"}}',
      /“prompts are broken”/,
    ],
    ['prompts', 'prompts/list', '{"jsonrpc":"2.0","id":ID,"result":"rubbish"}', /could not be read/],
    ['resources', 'resources/list', result({ resources: 'none' }), /^the server’s answer has no list in it$/],
    ['resourceTemplates', 'resources/templates/list', result(null), /could not be read/],
    [
      'tools',
      'tools/list',
      '{"jsonrpc":"2.0","id":ID,"error":{"code":-32603,"message":"database locked"}}',
      /“database locked”/,
    ],
  ])('%s: %s → %s', async (name, method, answer, why) => {
    expect(await add({ [method]: answer })).toMatchObject({
      state: 'running',
      error: null,
      tools: name === 'tools' ? 0 : 1,
      prompts: name === 'prompts' ? 0 : 1,
      resources: name === 'resources' ? 0 : 1,
      leftOut: [{ kind: 'list', name, why: expect.stringMatching(why) }],
    })
  })

  it('also when no answer ever comes, and it is said once that is known', async () => {
    at = setUp({ start: 1_500, otherLists: 200 })
    expect(await add({ 'prompts/list': null })).toMatchObject({ state: 'running', tools: 1, resources: 1 })
    await until(() => now().leftOut.length > 0)
    expect(now()).toMatchObject({
      state: 'running',
      leftOut: [
        { kind: 'list', name: 'prompts', why: expect.stringMatching(/did not answer within 2 seconds/) },
      ],
    })
    expect(textOf(await source().call('echo', { a: 1 }, exchange()))).toBe('{"a":1}')
  })

  it('also when it is the only one, and an error is all that was said: it is asked for again', async () => {
    const tool = '{"name":"a","inputSchema":{"type":"object"}}'
    const program = `let asked = 0
      require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line)
        if (id === undefined) return
        const say = (answer) => console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
        if (method === 'initialize') say({ result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'o', version: '1' } } })
        else if (method === 'ping') say({ result: {} })
        else if (method !== 'tools/list') say({ error: { code: -32601, message: 'no' } })
        else if ((asked += 1) < 2) say({ error: { code: -32603, message: 'fetch failed' } })
        else say({ result: { tools: [${tool}] } })
      })`
    expect(await at.servers.add(stdio('Odd', ['-e', program]))).toMatchObject({
      state: 'running',
      tools: 0,
      leftOut: [{ kind: 'list', name: 'tools', why: expect.stringContaining('“fetch failed”') }],
    })
    at.servers.networkIsBack()
    await until(() => now().tools === 1)
    expect(now()).toMatchObject({ state: 'running', restarts: 0, leftOut: [] })
  })

  it('but a server of which nothing can be had has failed', async () => {
    const capabilities = { tools: {} }
    const answer = { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'o', version: '1' } }
    const server = await add({ initialize: result(answer), 'tools/list': result({}) })
    expect(server).toMatchObject({ state: 'failed', tools: 0 })
  })
})

describe('one entry that is odd costs that entry or less', () => {
  const good = { type: 'object', properties: {} }
  it.each<[string, Raw, Raw]>([
    ['no input schema', { name: 'a' }, { inputSchema: good }],
    ['null for one', { name: 'a', inputSchema: null }, { inputSchema: good }],
    ['an empty one', { name: 'a', inputSchema: {} }, { inputSchema: good }],
    ['an empty list for one', { name: 'a', inputSchema: [] }, { inputSchema: good }],
    ['true for one', { name: 'a', inputSchema: true }, { inputSchema: good }],
    [
      'no type',
      { name: 'a', inputSchema: { properties: { b: { type: 'string' } } } },
      { inputSchema: { type: 'object', properties: { b: { type: 'string' } } } },
    ],
    ['a type in capitals', { name: 'a', inputSchema: { type: 'OBJECT' } }, { inputSchema: good }],
    ['a list of types', { name: 'a', inputSchema: { type: ['object', 'null'] } }, { inputSchema: good }],
    [
      'null for properties',
      { name: 'a', inputSchema: { type: 'object', properties: null } },
      { inputSchema: good },
    ],
    [
      'a list for properties',
      { name: 'a', inputSchema: { type: 'object', properties: [] } },
      { inputSchema: good },
    ],
    [
      'a wrong list of what is required',
      { name: 'a', inputSchema: { type: 'object', required: 'b' } },
      { inputSchema: good },
    ],
    [
      'nulls everywhere',
      {
        name: 'a',
        title: null,
        description: null,
        inputSchema: good,
        outputSchema: null,
        annotations: null,
        _meta: null,
        icons: null,
        execution: null,
      },
      { inputSchema: good },
    ],
    ['a title that is none', { name: 'a', title: 5, inputSchema: good }, { inputSchema: good }],
    [
      'hints as texts',
      { name: 'a', inputSchema: good, annotations: { readOnlyHint: 'true', destructiveHint: 'true' } },
      { inputSchema: good, annotations: { destructiveHint: true } },
    ],
    [
      'an output schema that is none',
      { name: 'a', inputSchema: good, outputSchema: 'any' },
      { inputSchema: good },
    ],
    [
      'a wrong list of what its output has',
      {
        name: 'a',
        inputSchema: good,
        outputSchema: { properties: { b: true, c: 'string' }, required: ['b', null, 1] },
      },
      {
        inputSchema: good,
        outputSchema: { type: 'object', properties: { b: {}, c: { type: 'string' } }, required: ['b'] },
      },
    ],
    [
      'wrong parts of an output schema',
      { name: 'a', inputSchema: good, outputSchema: { type: 'object', properties: [], required: 'b' } },
      { inputSchema: good, outputSchema: { type: 'object' } },
    ],
    [
      'the name of another maker for its input',
      { name: 'a', input_schema: { type: 'object', properties: { q: true, r: 'integer', s: [] } } },
      {
        inputSchema: { type: 'object', properties: { q: {}, r: { type: 'integer' }, s: {} } },
      },
    ],
    ['its input as a text', { name: 'a', inputSchema: '{"type":"object"}' }, { inputSchema: good }],
    [
      'its input elsewhere in itself',
      {
        name: 'a',
        inputSchema: { $ref: '#/$defs/In', $defs: { In: { type: 'object', properties: { q: {} } } } },
      },
      {
        inputSchema: {
          ...{ type: 'object', properties: { q: {} } },
          $defs: { In: { type: 'object', properties: { q: {} } } },
        },
      },
    ],
    [
      'a null that is a value',
      { name: 'a', inputSchema: { ...good, default: null, properties: { b: { enum: [null, 1] } } } },
      { inputSchema: { ...good, default: null, properties: { b: { enum: [null, 1] } } } },
    ],
    [
      'tasks that are only possible',
      { name: 'a', inputSchema: good, execution: { taskSupport: 'optional' } },
      { inputSchema: good, execution: { taskSupport: 'optional' } },
    ],
  ])('a tool with %s is offered', async (_what, tool, expected) => {
    expect(await add({ 'tools/list': result({ tools: [tool] }) })).toMatchObject({ tools: 1, leftOut: [] })
    expect(source().tools()).toEqual([{ name: 'a', ...expected }])
  })

  it('what cannot be mended is named with why, and the number is that of what is left', async () => {
    const tools = [
      { name: 'good', inputSchema: good },
      { name: 'text', inputSchema: { type: 'string' } },
      { name: 'listed', inputSchema: { type: 'object', properties: ['a'] } },
      { name: 'written', inputSchema: 'object' },
      { inputSchema: good },
      'nonsense',
      null,
      { name: 'slow', inputSchema: good, execution: { taskSupport: 'required' } },
      { name: 'good', inputSchema: good },
    ]
    const server = await add({ 'tools/list': result({ tools }) })
    expect(server).toMatchObject({ state: 'running', tools: 1 })
    expect(server.leftOut.map(({ kind, name, why }) => `${kind} ${name}: ${why}`)).toEqual([
      'tool text: it wants a plain string, and can only be given values that have names',
      'tool listed: the parts of its input are described by a list',
      'tool written: its input is described by a text, not by a schema',
      'tool : it has no name',
      'tool : what stands there describes nothing',
      'tool : what stands there describes nothing',
      'tool slow: it can be run as a task only, which Drawbridge cannot do',
      'tool good: it is listed twice; the first one is used',
    ])
    expect(source().tools()).toHaveLength(1)
  })

  it.each<[string, unknown]>([
    ['by name', { tools: { a: { inputSchema: good } } }],
    ['bare', [{ name: 'a', inputSchema: good }]],
    ['with an empty cursor', { tools: [{ name: 'a', inputSchema: good }], nextCursor: '' }],
    ['with a cursor that never changes', { tools: [{ name: 'a', inputSchema: good }], nextCursor: 'x' }],
  ])('a list %s is one', async (_how, list) => {
    expect(await add({ 'tools/list': result(list) })).toMatchObject({ tools: 1, leftOut: [] })
  })

  it.each([
    ['lists', [[]]],
    ['answers', [{ tools: [{ name: 'a' }] }, { tools: [{ name: 'a' }] }]],
    ['texts', ['a']],
    ['lists by name', { tools: { a: [['b']] } }],
  ])('a list of %s is none, and that is said', async (_what, list) => {
    const server = await add({ 'tools/list': result(list) })
    expect(server).toMatchObject({ state: 'running', tools: 0, prompts: 1 })
    expect(server.leftOut).toMatchObject([{ kind: 'list', name: 'tools' }])
  })

  it('who says in no way what it has is asked for everything', async () => {
    const answer = {
      protocolVersion: '2025-11-25',
      capabilities: [{}],
      serverInfo: { name: 'o', version: '1' },
    }
    expect(await add({ initialize: result(answer) })).toMatchObject({ tools: 1, resources: 1, prompts: 1 })
  })

  it('a part of a schema that no client can read costs that part, and its owner is told', async () => {
    const outputSchema = {
      ...{ $id: 'Result', type: 'object' },
      properties: { a: { $ref: '#/$defs/Nope' }, b: { type: 'string', pattern: '(?P<b>x)' } },
    }
    const tools = [
      { name: 'a', inputSchema: good, outputSchema },
      { name: 'b', inputSchema: good },
    ]
    const told = {
      kind: 'part',
      name: 'a',
      why: 'no app could read properties.a.$ref, properties.b.pattern; the tool itself works',
    }
    expect(await add({ 'tools/list': result({ tools }) })).toMatchObject({ tools: 2, leftOut: [told] })
    expect(source().tools()[0]).toEqual({
      ...{ name: 'a', inputSchema: good },
      outputSchema: { type: 'object', properties: { a: {}, b: { type: 'string' } } },
    })
  })

  it.each([
    ['whose cursors are all the same', "'next'", 'page < 30', 31, []],
    ['that come again without end', "'p' + asked", 'true', 1, []],
    ['of which one has no list', 'page + 1', 'page < 1', 1, ['tools']],
  ])('pages %s give what is on them', async (_how, cursor, isMore, count, truncatedLists) => {
    const program = `
      const answers = { initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'o', version: '1' } } }
      let asked = 0
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line)
        if (id === undefined) return
        const page = asked
        if (method === 'tools/list') asked += 1
        const tools = [{ name: ${isMore} && ${isMore === 'true'} ? 't' : 't' + page }]
        const list = ${truncatedLists.length > 0} && page > 0 ? {} : { tools, ...(${isMore} && { nextCursor: ${cursor} }) }
        const result = method === 'tools/list' ? list : answers[method]
        console.log(JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: 'no' } }) }))
        if (asked > 60) process.exit(1)
      })`
    expect(await at.servers.add(stdio('Odd', ['-e', program]))).toMatchObject({
      ...{ state: 'running', tools: count, truncatedLists, leftOut: [] },
    })
  })

  it('a server that asks whether we are there before anything else is answered', async () => {
    const program = `
      const say = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }))
      const answers = { initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'o', version: '1' } }, 'tools/list': { tools: [{ name: 'a' }] } }
      const waiting = []
      let isHeard = false
      const answer = ({ id, method }) => say({ id, ...(answers[method] ? { result: answers[method] } : { error: { code: -32601, message: 'no' } }) })
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const message = JSON.parse(line)
        if (message.id === 'there?') isHeard = true
        else if (message.id !== undefined) waiting.push(message)
        if (isHeard) for (const one of waiting.splice(0)) answer(one)
      })
      say({ id: 'there?', method: 'ping' })`
    expect(await at.servers.add(stdio('Odd', ['-e', program]))).toMatchObject({ state: 'running', tools: 1 })
  })

  it('pages that are counted are all had', async () => {
    const program = `
      const answers = { initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'o', version: '1' } } }
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method, params } = JSON.parse(line)
        if (id === undefined) return
        const page = typeof params?.cursor === 'number' ? params.cursor : 0
        const list = { tools: [{ name: 't' + page }], ...(page < 2 && { nextCursor: page + 1 }) }
        const result = method === 'tools/list' ? list : answers[method]
        console.log(JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: 'no' } }) }))
      })`
    expect(await at.servers.add(stdio('Odd', ['-e', program]))).toMatchObject({ tools: 3, leftOut: [] })
  })

  it('a list that Go has nothing in is empty, and the server is whole', async () => {
    const capabilities = { tools: {} }
    const answer = { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'o', version: '1' } }
    expect(await add({ initialize: result(answer), 'tools/list': result({ tools: null }) })).toMatchObject({
      ...{ state: 'running', tools: 0, leftOut: [] },
    })
  })

  it('resources and prompts as well', async () => {
    const resources = [
      { uri: 'test://a', name: null, size: '5', annotations: { priority: 7 } },
      { name: 'b' },
    ]
    const prompts = [
      { name: 'p', arguments: null },
      { name: 'q', arguments: [{ name: 'x', required: 'yes' }, {}] },
    ]
    const server = await add({ 'resources/list': result({ resources }), 'prompts/list': result({ prompts }) })
    expect(server).toMatchObject({
      resources: 1,
      prompts: 2,
      leftOut: [{ kind: 'resource', name: 'b', why: 'it has no address' }],
    })
    expect(source().resources()).toEqual([{ uri: 'test://a', name: 'test://a', annotations: {} }])
    expect(source().prompts()).toEqual([{ name: 'p' }, { name: 'q', arguments: [{ name: 'x' }] }])
  })

  it.each<[string, Raw]>([
    [
      'nulls',
      {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {}, prompts: null, logging: null },
        serverInfo: { name: 'o', version: null, title: null },
        instructions: null,
        _meta: null,
      },
    ],
    [
      'true for a capability',
      {
        protocolVersion: '2025-11-25',
        capabilities: { tools: true, prompts: false, resources: [] },
        serverInfo: { name: 'o', version: 1.5 },
      },
    ],
    ...[undefined, 20250618, ' 2025-06-18 ', 'v2025-06-18', '2025-06-18T00:00:00Z', ['2025-06-18']].map(
      (protocolVersion): [string, Raw] => [
        `the version ${JSON.stringify(protocolVersion)}`,
        { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'o', version: '1' } },
      ],
    ),
    ['a list of capabilities', { protocolVersion: '2025-11-25', capabilities: ['tools'] }],
    ['words for a capability', { protocolVersion: '2025-11-25', capabilities: { tools: 'yes', prompts: 0 } }],
  ])('an answer to initialize with %s is one', async (_what, answer) => {
    expect(await add({ initialize: result(answer) })).toMatchObject({
      state: 'running',
      tools: 1,
      prompts: 0,
    })
  })

  it.each<[string, unknown, number]>([
    ['null for what it has', null, 1],
    ['a text for what it has', 'x', 1],
    ['a text and a number for two capabilities', { tools: 'yes', prompts: 1 }, 1],
    ['an empty list for what it has', [], 0],
  ])('one that says %s is asked for it', async (_what, capabilities, count) => {
    const answer = { protocolVersion: '2025-11-25', capabilities }
    expect(await add({ initialize: result(answer) })).toMatchObject({
      state: 'running',
      tools: count,
      prompts: count,
      leftOut: [],
    })
  })

  it('a number in a description that is none to most clients costs itself', async () => {
    const odd = {
      type: 'object',
      properties: { n: { type: 'number', maximum: '1e400' } },
      examples: ['1e400'],
    }
    const line = result({ tools: [{ name: 'a', inputSchema: odd }] }).replaceAll('"1e400"', '1e400')
    expect(await add({ 'tools/list': line })).toMatchObject({ tools: 1, leftOut: [] })
    expect(JSON.parse(JSON.stringify(source().tools()))).toEqual([
      { name: 'a', inputSchema: { type: 'object', properties: { n: { type: 'number' } }, examples: [null] } },
    ])
  })
})

it.each(['2031-01-01', '1.0'])('a version that nobody knows (%s) is named', async (protocolVersion) => {
  const answer = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'o', version: '1' } }
  expect(await add({ initialize: result(answer) })).toMatchObject({
    state: 'failed',
    error: {
      code: 'server-protocol-unknown',
      message: expect.stringContaining(`does not know (${protocolVersion})`),
    },
  })
})
