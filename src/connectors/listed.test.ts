import { expect, it } from 'vitest'
import { chooseLocale } from '../../locales/say.ts'
import { listedConnectors } from '../../scripts/listed-connectors.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createConnectors } from './kit/connectors.ts'
import { createMemory } from './kit/testing/memory.ts'
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

it('says a name that is a word, and no brand, in the language of its owner', async () => {
  chooseLocale('en-XA')
  try {
    const made = createConnectors({
      ...createMemory(),
      ...{ fetch, clock: { now: () => 0 }, log: silentLog, version: '1' },
    })
    const named = (await made.handlers.list()).map(({ slug, name, source }) => [slug, name, source.name])
    expect(named).toContainEqual(['own-mail', '[Máíĺmá]', '[Máíĺmá]'])
    expect(named).toContainEqual(['calendar-link', '[Çáĺéñďáŕçáĺé (ĺíñkĺí)]', '[Çáĺéñďáŕçáĺé]'])
    expect(named).toContainEqual(['stripe', 'Stripe', expect.stringMatching(/^\[/)])
  } finally {
    chooseLocale('en')
  }
})
