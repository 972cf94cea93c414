import { expect, it } from 'vitest'
import type { Tool } from '../../../src/contract/tools.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'
import { sourcesOf, suggestAddress, wrongAddress } from './workspace-form.ts'

it('suggests an address from a title', () => {
  expect(suggestAddress('Work & Family')).toBe('work-family')
  expect(suggestAddress('  Büro 2! ')).toBe('buro-2')
  expect(suggestAddress('日本')).toBe('')
  expect(suggestAddress(`${'a'.repeat(38)} b`)).toBe('a'.repeat(38))
})

it('finds wrong and taken addresses', () => {
  const taken = [{ name: 'default' }] as Workspace[]
  expect(wrongAddress('work', taken)).toBeUndefined()
  expect(wrongAddress('default', taken)).toContain('already')
  for (const wrong of ['', '-a', 'A', 'a b', 'a'.repeat(40)])
    expect(wrongAddress(wrong, taken)).toContain('small')
})

it('lists sources once, also chosen ones that are away', () => {
  const tools = [
    { sourceId: 'npm', source: 'npm' },
    { sourceId: 'files', source: 'Files' },
    { sourceId: 'npm', source: 'npm' },
  ] as Tool[]
  expect(sourcesOf(tools, ['files', 'gone'])).toEqual([
    { id: 'files', title: 'Files', tools: 1 },
    { id: 'gone', title: 'gone', tools: 0 },
    { id: 'npm', title: 'npm', tools: 2 },
  ])
})
