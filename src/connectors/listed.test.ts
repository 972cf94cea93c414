import { expect, it } from 'vitest'
import { listedConnectors } from '../../scripts/listed-connectors.ts'
import { connectors } from './listed.ts'

it('knows of every connector what its file says (else: node scripts/listed-connectors.ts)', async () => {
  const now = JSON.parse(JSON.stringify(await listedConnectors()))
  const { default: written } = await import('./listed.json', { with: { type: 'json' } })
  expect(written).toEqual(now)
  for (const { slug, name, family, load } of connectors) {
    const file = await load()
    expect([slug, name, family]).toEqual([file.slug, file.name, file.family])
  }
})
