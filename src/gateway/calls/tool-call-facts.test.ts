import { expect, it } from 'vitest'
import type { Raw } from '../../mcp/tool-source.ts'
import type { CatalogEntry } from '../offers/catalog-entry.ts'
import { callerOf, serverOf, tool } from '../testing/fixture-pipeline.ts'
import { argumentsHash, ToolCallFacts } from './tool-call-facts.ts'

const entryOf = (more: Raw = {}, serverId = 'server_1'): CatalogEntry =>
  ({ id: 's__send', definition: tool('send', more), source: serverOf('s', { serverId }) }) as never
const factsOf = (entry: CatalogEntry, args = {}) =>
  new ToolCallFacts(entry, args, { caller: callerOf(), key: 'grant_1/modern' })

it('of a call is known which tool, of which server, in which session', () => {
  expect(factsOf(entryOf())).toMatchObject({
    toolId: 's__send',
    source: 'server_1',
    session: 'grant_1/modern',
  })
  expect(factsOf(entryOf({}, 'server_2')).source).toBe('server_2')
})

it('the hashes are others for other arguments and for another definition, and for nothing else', () => {
  const one = factsOf(entryOf(), { a: 1, b: [2] })
  const same = factsOf(entryOf({}, 'server_2'), { b: [2], a: 1 })
  expect([same.argumentsHash, same.definitionHash]).toEqual([one.argumentsHash, one.definitionHash])
  expect(one.argumentsHash).toMatch(/^[0-9a-f]{64}$/)
  expect(factsOf(entryOf(), { a: 1, b: ['2'] }).argumentsHash).not.toBe(one.argumentsHash)
  expect(factsOf(entryOf({ description: 'other' })).definitionHash).not.toBe(one.definitionHash)
})

it('the hash of arguments does not depend on the order of keys, and on nothing else', () => {
  expect(argumentsHash('t', { a: 1, b: [{ d: 1, c: 2 }] })).toBe(
    argumentsHash('t', { b: [{ c: 2, d: 1 }], a: 1 }),
  )
  const all = [
    argumentsHash('t', { a: 1 }),
    argumentsHash('u', { a: 1 }),
    argumentsHash('t', { a: '1' }),
    argumentsHash('t', { a: [1] }),
    argumentsHash('t', { a: null }),
    argumentsHash('t', {}),
    argumentsHash('t', { a: 1, b: 2 }),
    argumentsHash('t', JSON.parse('{"a":1,"__proto__":{"b":2}}')),
  ]
  expect(new Set(all).size).toBe(all.length)
})
