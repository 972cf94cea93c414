import { expect, it } from 'vitest'
import type { Server } from '../../../src/contract/servers.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import { findTools, groupTools } from './group-tools.ts'

const tool = (name: string, source: string, sourceKind: Tool['sourceKind'] = 'server'): Tool => ({
  id: name,
  name,
  original: name,
  alias: null,
  title: name,
  description: 'Does something',
  source,
  sourceId: source,
  sourceKind,
  risk: 'read',
  openWorld: false,
  enabled: true,
  localOnly: false,
  review: null,
  override: null,
  note: null,
  findings: [],
})
const server = (slug: string, name: string, state = 'running') => ({ id: slug, slug, name, state }) as Server

it('puts tools under their server by its short name, and the rest by source', () => {
  const groups = groupTools(
    [
      tool('my-notes__a', 'my-notes'),
      tool('b', 'npm', 'connector'),
      tool('c', 'GitHub', 'connector'),
      tool('d', 'my-notes'),
      tool('e', 'drafted'),
    ],
    [server('empty', 'Empty'), server('my-notes', 'My Notes'), server('drafted', 'Draft', 'draft')],
  )
  expect(groups.map((group) => [group.title, group.tools.map((one) => one.name)])).toEqual([
    ['Empty', []],
    ['My Notes', ['my-notes__a', 'd']],
    ['drafted', ['e']],
    ['GitHub', ['c']],
    ['npm', ['b']],
  ])
})

it('never files a built-in tool under a server of the same name', () => {
  const groups = groupTools([tool('a', 'GitHub', 'connector')], [server('GitHub', 'GitHub')])
  expect(groups.map((group) => group.tools.length)).toEqual([0, 1])
})

it('finds tools by all words', () => {
  const tools = [tool('read_file', 'Files'), tool('stars', 'GitHub')]
  expect(findTools(tools, ' FILES read ').map((one) => one.name)).toEqual(['read_file'])
  expect(findTools(tools, 'read stars')).toEqual([])
  expect(findTools(tools, ' ')).toHaveLength(2)
  const renamed = [{ ...tool('mine', 'Files'), original: 'read_file' }]
  expect(findTools(renamed, 'read')).toEqual(renamed)
})
