import { expect, it } from 'vitest'
import type { Principal } from '../../mcp/principal.ts'
import type { ToolSource } from '../../mcp/tool-source.ts'
import { type CatalogEntry, readingFacts } from './catalog-entry.ts'

const owner = { tools: null, access: 'everything', scopes: null } as unknown as Principal
const ours = { slug: 'folders', kind: 'connector' } as ToolSource
const theirs = { slug: 'files', kind: 'server' } as ToolSource
const tool = (id: string, more: Partial<CatalogEntry> = {}) =>
  ({ id, enabled: true, accepted: true, localOnly: false, openWorld: false, ...more }) as CatalogEntry
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
