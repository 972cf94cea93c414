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
