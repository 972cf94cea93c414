import { expect, it } from 'vitest'
import type { Server, Tool } from '../../../src/contract/models.ts'
import { findTools, groupTools } from './group-tools.ts'

const tool = (name: string, source: string, sourceKind: Tool['sourceKind'] = 'server'): Tool => ({
  name,
  title: name,
  description: 'Does something',
  source,
  sourceId: source,
  sourceKind,
  risk: 'read',
  openWorld: false,
  enabled: true,
  localOnly: false,
})
const server = (id: string, name: string) => ({ id, name }) as Server

it('puts tools under their server, named in full or in short, and the rest by source', () => {
  const groups = groupTools(
    [
      tool('my-notes__a', 'my-notes'),
      tool('b', 'npm', 'connector'),
      tool('c', 'GitHub', 'connector'),
      tool('d', 'My Notes'),
    ],
    [server('1', 'Empty'), server('2', 'My Notes')],
  )
  expect(groups.map((group) => [group.title, group.tools.map((one) => one.name)])).toEqual([
    ['Empty', []],
    ['My Notes', ['my-notes__a', 'd']],
    ['GitHub', ['c']],
    ['npm', ['b']],
  ])
})

it('never files a built-in tool under a server of the same name', () => {
  const groups = groupTools([tool('a', 'GitHub', 'connector')], [server('1', 'GitHub')])
  expect(groups.map((group) => group.tools.length)).toEqual([0, 1])
})

it('finds tools by all words', () => {
  const tools = [tool('read_file', 'Files'), tool('stars', 'GitHub')]
  expect(findTools(tools, ' FILES read ').map((one) => one.name)).toEqual(['read_file'])
  expect(findTools(tools, 'read stars')).toEqual([])
  expect(findTools(tools, ' ')).toHaveLength(2)
})
