import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import type { ToolSource } from '../mcp/tool-source.ts'
import { SourceReader } from './source-reader.ts'

/** A server whose list is another whenever it is asked for. */
function fickle(edition = 0): ToolSource {
  let times = 0
  return {
    ...{ slug: 's', name: 'S', prefixed: true, kind: 'server', serverId: 'srv_1', edition: () => edition },
    tools: () => [{ name: `${edition}/${++times}`, inputSchema: {} }],
    call: () => Promise.reject(new Error('not asked')),
  }
}

const namesOf = (sources: readonly ToolSource[]) =>
  sources.flatMap((source) => source.tools().map(({ name }) => name))

/** `turns`: how many of the event loop each look takes. */
function reading(sources: () => ToolSource[], turns: number[] = []) {
  const prepared: string[][] = []
  const told: string[][] = []
  const catalog = {
    async prepare(given: readonly ToolSource[]) {
      for (let left = turns.shift() ?? 1; left > 0; left -= 1) await nextTurn()
      prepared.push(namesOf(given))
    },
    setSources: (given: readonly ToolSource[]) => void told.push(namesOf(given), namesOf(given)),
  }
  return { reader: new SourceReader(catalog, sources, silentLog), prepared, told }
}

it('tells the catalog the very lists that were looked at, whatever a server lists by then', async () => {
  const server = fickle()
  const { reader, prepared, told } = reading(() => [server])
  await reader.readPrepared()
  expect(prepared).toEqual([['0/1']])
  // However often the catalog reads them again.
  expect(told).toEqual([['0/1'], ['0/1']])
  reader.read()
  expect(told.at(-1)).toEqual(['0/1'])
  await reader.readPrepared()
  expect(told.at(-1)).toEqual(['0/2'])
})

it('takes what its owner put in a server’s place for what it is, and nothing of one that is gone', async () => {
  let sources = [fickle()]
  const { reader, told } = reading(() => sources)
  await reader.readPrepared()
  sources = [fickle(1)]
  reader.read()
  expect(told.at(-1)![0]).toMatch(/^1\//)
  sources = []
  reader.read()
  expect(told.at(-1)).toEqual([])
})

it('is told last of the last look, however long an earlier one took', async () => {
  const server = fickle()
  const { reader, told } = reading(() => [server], [9, 1])
  const first = reader.readPrepared()
  await nextTurn()
  await Promise.all([first, reader.readPrepared()])
  expect(told).toEqual([['0/1'], ['0/1'], ['0/2'], ['0/2']])
})

it('looks once for all who ask before it looks', async () => {
  const { reader, told } = reading(() => [fickle()])
  await Promise.all([reader.readPrepared(), reader.readPrepared(), reader.readPrepared()])
  expect(told).toHaveLength(2)
})

it('looks for who wants what is new only where there is something new', async () => {
  const list = [{ name: 'a', inputSchema: {} }]
  const server = { ...fickle(), tools: () => list }
  const sources = [server]
  const { reader, prepared } = reading(() => sources)
  await reader.readNew()
  await reader.readNew()
  expect(prepared).toEqual([['a']])
  server.tools = () => [{ name: 'b', inputSchema: {} }]
  await reader.readNew()
  sources.push({ ...server, slug: 't' })
  await reader.readNew()
  sources.pop()
  await reader.readNew()
  expect(prepared).toEqual([['a'], ['b'], ['b', 'b'], ['b']])
})

it('looks at the servers whose lists changed, and at no other', async () => {
  const listing = (slug: string) => {
    const list = [{ name: slug, inputSchema: {} }]
    return { ...fickle(), slug, tools: () => list }
  }
  const sources = [listing('a'), listing('b')]
  const { reader, prepared, told } = reading(() => sources)
  await reader.readPrepared()
  sources[1] = { ...sources[1]!, resources: () => [{ uri: 'b:1', name: 'b' }] }
  sources.push(listing('c'))
  await reader.readPrepared()
  expect(prepared).toEqual([
    ['a', 'b'],
    ['b', 'c'],
  ])
  expect(told.at(-1)).toEqual(['a', 'b', 'c'])
})
