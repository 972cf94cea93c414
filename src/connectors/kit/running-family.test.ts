import { expect, it } from 'vitest'
import * as z from 'zod'
import { silentLog } from '../../kernel/log/log.ts'
import { defineConnector, defineTool } from './connector.ts'
import { createConnectors } from './connectors.ts'
import { textField } from './fields.ts'
import { createMemory, preloaded } from './testing/memory.ts'

const fields = { place: textField({ label: 'Place', hint: 'Where.', required: true }) }
const weather = defineConnector({
  ...{ slug: 'weather', name: 'Weather', about: 'Weather.', logo: '<svg/>', examples: ['Does it rain?'] },
  ...{ baseUrl: 'https://weather.example', fields, test: async () => 'It works.' },
  tools: [
    defineTool(fields, {
      ...{ name: 'get_weather', title: 'Weather', description: 'The weather.', asksAll: true },
      ...{ input: z.strictObject({}), output: z.object({ degrees: z.number() }) },
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
      async answer(_input, { account }) {
        if (account.place.toLowerCase() === 'nowhere') throw new RangeError('a detail of /home/anna')
        return { degrees: 12 }
      },
      say: ({ degrees }) => `${degrees} degrees.`,
    }),
  ],
})

async function asked(...places: string[]) {
  const logged: string[] = []
  const connectors = createConnectors({
    ...createMemory(),
    ...{ fetch, clock: { now: () => 0 }, version: '1', connectors: [preloaded(weather)] },
    log: { ...silentLog, error: (...line) => void logged.push(JSON.stringify(line)) },
  })
  for (const place of places)
    await connectors.handlers.save({ slug: 'weather', name: place, values: { place } })
  const { signal } = new AbortController()
  return { logged, answer: connectors.sources()[0]!.call('get_weather', {}, { signal }) }
}

it('a fault of ours in one account costs no other, and its details are for the log', async () => {
  const { logged, answer } = await asked('Nowhere', 'Oslo')
  const { structuredContent, content } = await answer
  expect(structuredContent).toMatchObject({
    accounts: [{ account: 'Oslo', degrees: 12 }],
    failed: [
      { account: 'Nowhere', problem: expect.stringMatching(/^Something went wrong inside Drawbridge\. /) },
    ],
  })
  expect(content[0]!.text).toContain('Weather (Oslo): 12 degrees.')
  expect(JSON.stringify(content)).not.toContain('/home/anna')
  expect(logged).toEqual([expect.stringContaining('a detail of /home/anna')])
})

it('fails when no account answers', async () => {
  await expect((await asked('Nowhere', 'nowhere')).answer).rejects.toThrow(RangeError)
})

it('is another edition from when one of its accounts is changed, and once it is', async () => {
  const other = { ...weather, slug: 'wind', name: 'Wind', tools: [] }
  const connectors = createConnectors({
    ...createMemory(),
    ...{ fetch, clock: { now: () => 0 }, version: '1', connectors: [preloaded(weather), preloaded(other)] },
    log: silentLog,
  })
  const editions = () => connectors.sources().map(({ edition }) => edition())
  const save = (values: Record<string, string>, id?: string) =>
    connectors.handlers.save({ slug: 'weather', ...(id !== undefined && { id }), values })
  expect(editions()).toEqual([0, 0])
  const saving = save({ place: 'Oslo' })
  expect(editions()).toEqual([3, 0])
  const { id } = await saving
  expect(editions()).toEqual([4, 0])
  await save({ place: 'Bergen' }, id)
  expect(editions()).toEqual([8, 0])
  await expect(save({}, 'another')).rejects.toThrow()
  expect(editions()).toEqual([12, 0])
  const both = [save({ place: 'Rome' }), save({ place: 'Bonn' }, id)]
  expect(editions()[0]! % 2, 'two at once').toBe(1)
  await Promise.allSettled(both)
  await connectors.handlers.remove(id)
  expect(editions()).toEqual([24, 0])
})

/** The weather, made up where there is no account, and how often it was really asked. */
function counted(slug: string, asked: string[]) {
  const [tool] = weather.tools
  const answer = async () => {
    asked.push(slug)
    return { degrees: 12 }
  }
  const family = { slug: 'sky', name: 'Sky' }
  return { ...weather, slug, family, tools: [{ ...tool!, answer, demo: () => ({ degrees: 0 }) }] }
}
const { signal } = new AbortController()

it('what was asked about while an account is half saved does not run, not even as the same half', async () => {
  const found = new Set<string>()
  for (let moment = 0; moment < 40; moment += 1) {
    const connectors = createConnectors({
      ...createMemory(),
      ...{ fetch, clock: { now: () => 0 }, version: '1', connectors: [preloaded(counted('rain', []))] },
      log: silentLog,
    })
    const save = (place: string, id?: string) =>
      connectors.handlers.save({ slug: 'rain', values: { place }, ...(id !== undefined && { id }) })
    const { id } = await save('Oslo')
    const saving = save('Bergen', id)
    for (let n = 0; n < moment; n += 1) await null
    const source = connectors.sources()[0]!
    const edition = source.edition()
    const became = await source.call('get_weather', {}, { signal, edition }).then(
      () => 'ran',
      ({ code }) => code,
    )
    found.add(`${edition % 2 === 1 ? 'half' : 'whole'} ${became}`)
    await saving
  }
  expect([...found].sort()).toEqual(['half server-edited', 'whole ran'])
})

it('what was asked for where nothing was set up is not asked of an account that came meanwhile', async () => {
  const asked: string[] = []
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const slow = counted('rain', asked)
  const load = async () => {
    await gate
    return slow
  }
  const connectors = createConnectors({
    ...createMemory(),
    ...{ fetch, clock: { now: () => 0 }, version: '1', log: silentLog },
    connectors: [{ ...preloaded(slow), load }, preloaded(counted('wind', asked))],
  })
  const source = connectors.sources()[0]!
  const answer = source.call('get_weather', {}, { signal, edition: source.edition() }).catch((error) => error)
  await connectors.handlers.save({ slug: 'wind', values: { place: 'Oslo' } })
  open()
  expect(await answer).toMatchObject({ code: 'server-edited' })
  expect(asked).toEqual([])
  await source.call('get_weather', {}, { signal, edition: source.edition() })
  expect(asked).toEqual(['wind'])
})
