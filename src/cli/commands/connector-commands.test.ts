import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Connector } from '../../contract/connectors.ts'
import { json, startHarness } from '../testing/harness.ts'

const field = { label: 'Key', hint: 'Under Keys.', placeholder: '', required: false, scopes: [] }
const harbour: Connector = {
  slug: 'harbour',
  name: 'Harbour',
  about: 'Ships.',
  source: { slug: 'harbour', name: 'Harbour' },
  logo: 'data:,',
  examples: ['Which ships are here?'],
  ready: true,
  accounts: [],
  fields: [
    { ...field, name: 'ships', kind: 'list', label: 'My ships' },
    { ...field, name: 'key', kind: 'secret', required: true, scopes: ['read'] },
  ],
}
let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
  h.state.connectors.push(harbour)
})
afterAll(() => h.stop())

it('a connector is told what it needs, changed and made to forget; a key is never printed', async () => {
  const { out } = await h.drawbridge('connector', 'list')
  expect(out.split('\n')).toEqual([
    'harbour: Ships.',
    '  can be told ships: My ships, a list',
    '    Under Keys.',
    '  can be told key: Key, a secret, needed (read)',
    '    Under Keys.',
    '  Ask, for example:',
    '    Which ships are here?',
  ])
  const set = await h.drawbridge('connector', 'set', 'harbour', 'ships=Anna,Berta', 'key=secret-one')
  expect(set).toMatchObject({ code: 0, out: 'Harbour asks with the account “My account” from now on.' })
  const listed = (await h.drawbridge('connector', 'list')).out
  expect(listed).toContain('    ships: Anna,Berta\n    key: kept with your secrets')
  expect(listed).not.toContain('secret-one')
  const changed = await h.drawbridge('connector', 'set', 'Harbour', 'ships=', '--name', 'Home', '--json')
  expect(json(changed)).toMatchObject({ name: 'Home', values: {}, secrets: ['key'] })
  expect(h.last('connectors.save')).toMatchObject({ slug: 'harbour', id: 'acc_1', values: { ships: '' } })
  const added = await h.drawbridge('connector', 'add', 'harbour', '--field', 'ships=Cora', '--json')
  expect(json(added)).toMatchObject({ id: 'acc_2', values: { ships: 'Cora' } })
  expect((await h.drawbridge('connector', 'remove', 'harbour', '--account', 'acc_2')).code).toBe(0)
  expect((await h.drawbridge('connector', 'remove', 'harbour', '--account', 'Home')).code).toBe(0)
  expect(h.last('connectors.remove')).toEqual({ id: 'acc_1' })
})

it('what is not said right is a mistake, without the value', async () => {
  for (const args of [
    ['set', 'harbour'],
    ['set', 'harbour', 'secret-one'],
    ['remove', 'harbour'],
  ])
    expect((await h.drawbridge('connector', ...args)).code).toBe(2)
  const env = await h.drawbridge('connector', 'set', 'harbour', '--env', 'key=NOT_SET_ANYWHERE')
  expect(env).toMatchObject({ code: 2 })
  expect((await h.drawbridge('connector', 'set', 'quay', 'a=b')).code).toBe(4)
  expect((await h.drawbridge('connector', 'set', 'harbour', 'secret-one')).err).not.toContain('secret-one')
})
