import { expect, it } from 'vitest'
import type { Principal } from '../../mcp/principal.ts'
import type { ToolSource } from '../../mcp/tool-source.ts'
import { type CatalogEntry, readingFacts } from './catalog-entry.ts'

const owner = { grantId: 'g', tools: null, access: 'everything', scopes: null } as unknown as Principal
const ours = { slug: 'folders', kind: 'connector' } as ToolSource
const theirs = { slug: 'files', kind: 'server' } as ToolSource
const tool = (id: string, more: Partial<CatalogEntry> = {}) =>
  ({
    ...{ id, enabled: true, accepted: true, localOnly: false, openWorld: false, risk: 'read' },
    definition: { name: id, inputSchema: {}, annotations: { readOnlyHint: true } },
    ...more,
  }) as CatalogEntry
const factsOf = (source: ToolSource, ...tools: CatalogEntry[]) => readingFacts(source, tools, owner, false)

it('what a connector reads by address brings what strangers wrote, where its tools do', () => {
  expect(factsOf(ours, tool('list'), tool('fetch', { openWorld: true })).openWorld).toBe(true)
  expect(factsOf(ours, tool('list')).openWorld).toBe(false)
  expect(factsOf(theirs, tool('list')).openWorld).toBe(true)
})

it('what a connector reads by address is off where one of its tools is', () => {
  const off = tool('fetch', { enabled: false })
  expect(factsOf(ours, tool('list'), off).enabled).toBe(false)
  expect(factsOf(ours, tool('list'), tool('fetch')).enabled).toBe(true)
  expect(factsOf(theirs, tool('list'), off).enabled).toBe(true)
})

it('what a connector tells this computer only is not what it reads by address', () => {
  const here = tool('where', { enabled: false, risk: 'write', localOnly: true })
  const look = { ...owner, access: 'look' } as Principal
  expect(readingFacts(ours, [tool('list'), here], look, false)).toMatchObject({
    ...{ enabled: true, inGrant: true },
    twins: { tools: ['list'] },
  })
})

it('what a connector reads by address is not had by who would be asked about one of its tools', () => {
  const asked = tool('fetch', { risk: 'write' })
  const look = { ...owner, access: 'look' } as Principal
  const inGrant = (...all: CatalogEntry[]) => readingFacts(ours, all, look, false).inGrant
  expect([inGrant(tool('fetch')), inGrant(tool('list'), asked)]).toEqual([true, false])
  expect(factsOf(ours, asked).inGrant).toBe(true)
  expect(readingFacts(theirs, [asked], look, false).inGrant).toBe(true)
})

it('the tools whose *never* holds for an address are those that read', () => {
  const write = tool('send', { risk: 'write', definition: { name: 'send', inputSchema: {} } })
  // What it does is what it says of itself, whatever the owner said to have it asked about.
  const read = tool('get', { risk: 'write' })
  expect(factsOf(theirs, write, read).twins).toEqual({ grantId: 'g', tools: ['get'] })
  expect(factsOf(ours, tool('list'), read).twins).toEqual({ grantId: 'g', tools: ['list', 'get'] })
})
