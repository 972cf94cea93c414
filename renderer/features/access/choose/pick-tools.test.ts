import { expect, it } from 'vitest'
import type { Tool } from '../../../../src/contract/tools.ts'
import { allIds, choicesOf, missingFrom, onlyReading, setIds, shareOf } from './pick-tools.ts'

const tool = (name: string, sourceId: string, more: Partial<Tool> = {}): Tool => ({
  // What it is called in public plays no part in what was chosen.
  id: name,
  name: `public-${name}`,
  original: name,
  alias: null,
  title: name,
  description: '',
  source: sourceId.toUpperCase(),
  sourceId,
  sourceKind: 'server',
  risk: 'read',
  openWorld: false,
  enabled: true,
  localOnly: false,
  review: null,
  override: null,
  note: null,
  findings: [],
  ...more,
})
const TOOLS = [
  tool('notes__read', 'notes'),
  tool('files__read', 'files'),
  tool('files__write', 'files', { risk: 'write' }),
  tool('files__here', 'files', { localOnly: true }),
]

it('offers the tools of the workspace by source, without those for this computer only', () => {
  expect(choicesOf(TOOLS, undefined).map((group) => [group.title, group.tools.length])).toEqual([
    ['FILES', 2],
    ['NOTES', 1],
  ])
  expect(allIds(choicesOf(TOOLS, { sources: null }))).toHaveLength(3)
  expect(allIds(choicesOf(TOOLS, { sources: ['notes'] }))).toEqual(['notes__read'])
  expect(choicesOf(TOOLS, { sources: [] })).toEqual([])
})

it('chooses only what reads, whole sources, single tools', () => {
  const choices = choicesOf(TOOLS, undefined)
  const [files] = choices
  expect(onlyReading(choices)).toEqual(['files__read', 'notes__read'])
  expect(shareOf(files!, ['files__read'])).toBe('some')
  expect(shareOf(files!, ['files__read', 'files__write', 'other'])).toBe('all')
  expect(shareOf(files!, ['notes__read'])).toBe('none')
  expect(setIds(['a', 'b'], ['b', 'c'], true)).toEqual(['a', 'b', 'c'])
  expect(setIds(['a', 'b'], ['b', 'c'], false)).toEqual(['a'])
})

it('remembers chosen tools whose source is away', () => {
  expect(missingFrom(['files__read', 'gone__tool'], choicesOf(TOOLS, undefined))).toEqual(['gone__tool'])
})
