import { afterEach, describe, expect, it } from 'vitest'
import { makePipeline, reads, says, serverOf, tool } from '../testing/fixture-pipeline.ts'

/** Whether arguments fit is for the server to say: it knows, and its schema may be a trap. */
let made: ReturnType<typeof makePipeline>
let got: unknown[] = []
afterEach(() => {
  got = []
  made.stop()
})

const withSchema = (inputSchema: object) => {
  made = makePipeline([
    serverOf('files', {
      tools: () => [tool('read', { inputSchema, annotations: reads })],
      async call(_name, args) {
        got.push(args)
        return says('ran')
      },
    }),
  ])
  return (args: Record<string, unknown>) =>
    made.request('tools/call', { name: 'files__read', arguments: args })
}

describe('arguments', () => {
  it.each([
    ['a number where a text is wanted', { path: 3 }],
    ['a field too many', { path: 'x', extra: { deep: [1, 2.5e300, '\u202e'] } }],
    ['null', { path: null }],
    ['one that is missing', {}],
    ['a text for a number', { path: 'x', count: '7' }],
  ])('that a server may or may not take reach it as they are: %s', async (_name, args) => {
    const call = withSchema({
      type: 'object',
      properties: { path: { type: 'string' }, count: { type: 'integer' } },
      required: ['path'],
      additionalProperties: false,
    })
    expect(await call(args)).toMatchObject(says('ran'))
    expect(JSON.stringify(got)).toBe(JSON.stringify([args]))
  })

  const names = Array.from({ length: 4_000 }, (_, index) => `name ${index}`)
  it.each([
    ['a large enum', { items: { enum: names.map((name) => ({ a: [name, { b: name }] })) } }],
    ['not', { items: { not: { anyOf: names.map((name) => ({ const: { a: [name] } })) } } }],
    ['propertyNames', { items: { propertyNames: { enum: names } } }],
    ['nested patterns', { items: { pattern: '^((a+)+)+$' } }],
    ['uniqueItems', { uniqueItems: true }],
    ['itself again and again', { items: { anyOf: [{ $ref: '#' }, { $ref: '#' }, { $ref: '#' }] } }],
  ])('cost nothing, whatever the schema asks for: %s', async (_name, list) => {
    const call = withSchema({ type: 'object', properties: { list: { type: 'array', ...list } } })
    const items = Array.from({ length: 1_500 }, (_, index) => ({ a: [`${'a'.repeat(30)}!`, { b: index }] }))
    const before = performance.now()
    for (let time = 0; time < 5; time += 1) expect(await call({ list: items })).toMatchObject(says('ran'))
    expect((performance.now() - before) / 5).toBeLessThan(100)
    expect(got).toHaveLength(5)
  })
})
