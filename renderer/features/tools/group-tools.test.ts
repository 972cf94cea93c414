import { expect, it } from 'vitest'
import type { Connector } from '../../../src/contract/connectors.ts'
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

it('puts what has to be set up last, however it is called', () => {
  const connector = (name: string, ready: boolean, slug = name) =>
    ({ slug, name: slug, ready, source: { name }, accounts: [] }) as unknown as Connector
  const groups = groupTools(
    [tool('a', 'Calendar', 'connector'), tool('b', 'npm', 'connector'), tool('c', 'Revenue', 'connector')],
    [],
    [
      connector('Calendar', false),
      connector('npm', true),
      // One of a family is enough: its tool answers with what is real.
      connector('Revenue', false, 'Stripe'),
      connector('Revenue', true, 'Lemon Squeezy'),
    ],
  )
  expect(groups.map(({ title, ready }) => [title, ready])).toEqual([
    ['npm', true],
    ['Revenue', true],
    ['Calendar', false],
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
