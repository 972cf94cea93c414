import { expect, it } from 'vitest'
import type { Raw } from '../../../mcp/tool-source.ts'
import { withPromised } from './promised-content.ts'

const schema = { type: 'object', properties: { a: { type: 'integer' } } }
const told = (text: string, more: Raw = {}) => ({ content: [{ type: 'text', text }], ...more })

it('a text that is what was promised stands in both places, number for number', () => {
  const given = told(' {"a": 9007199254740993}\n')
  expect(JSON.stringify(withPromised(given, schema))).toBe(
    JSON.stringify(given).replace(/\}$/, ',"structuredContent":{"a":9007199254740993}}'),
  )
})

it.each<[string, Raw, unknown]>([
  ['nothing was promised', told('{"a":1}'), undefined],
  ['something else was promised', told('[1]'), { type: 'array' }],
  ['it is there', told('{"a":1}', { structuredContent: { a: 2 } }), schema],
  ['it failed', told('{"a":1}', { isError: true }), schema],
  ['it is no JSON', told('{"a":'), schema],
  ['it is JSON of another kind', told('[{"a":1}]'), schema],
  ['there are two texts', { content: [told('{}').content[0], told('{}').content[0]] }, schema],
  ['it is nested without end', told(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`), schema],
])('an answer stays as it was where %s', (_why, given, promised) => {
  expect(withPromised(given, promised)).toBe(given)
})
