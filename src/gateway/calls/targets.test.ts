import { expect, it } from 'vitest'
import type { CatalogEntry } from '../offers/catalog-entry.ts'
import type { ClientRequest } from './client-request.ts'
import { type TargetCatalog, targetOf } from './targets.ts'

const definition = { name: 'save', description: 'Saves.', inputSchema: { type: 'object' } }
const entry = (more: object = {}) =>
  ({
    ...{
      id: 'notes__save',
      publicName: 'keep',
      toolName: 'save',
      risk: 'write',
      enabled: true,
      review: null,
    },
    source: { slug: 'notes', serverId: 'srv_1', kind: 'server' },
    definition,
    ...more,
  }) as unknown as CatalogEntry

const factsOf = (found: CatalogEntry, args: object) => {
  const principal = { workspace: 'default', tools: null, access: 'ask', scopes: null }
  const catalog = { resolve: () => found } as unknown as TargetCatalog
  const request = { method: 'tools/call', params: { name: 'keep', arguments: args }, key: 'grant session' }
  const target = targetOf(catalog, { ...request, caller: { principal } } as unknown as ClientRequest)
  if (!('facts' in target)) throw new Error('missing')
  return target.facts.call!
}

it('a decision knows which tool is called, as it is now, with what, of which server, in which session', () => {
  const call = factsOf(entry(), { text: 'a', to: 'b' })
  expect(call).toMatchObject({ toolId: 'notes__save', source: 'srv_1', session: 'grant session' })
  expect(call.definitionHash).toMatch(/^[0-9a-f]{64}$/)
  expect(factsOf(entry(), { to: 'b', text: 'a' }).argumentsHash).toBe(call.argumentsHash)
  expect(factsOf(entry(), { text: 'a', to: 'c' }).argumentsHash).not.toBe(call.argumentsHash)
  const changed = { ...definition, description: 'Saves, and tells everybody.' }
  expect(factsOf(entry({ definition: changed }), {}).definitionHash).not.toBe(call.definitionHash)
})
