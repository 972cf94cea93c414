import { expect, it } from 'vitest'
import * as z from 'zod'
import { sayTheSentence } from '../../../locales/say.ts'
import { inputOf, toolDefinition } from '../../connectors/kit/connector.ts'
import { connectorFiles } from '../../connectors/list.ts'
import { misfits } from './misfits.ts'

const schema = z.toJSONSchema(
  z.strictObject({
    repository: z
      .string()
      .regex(/^\w+\/\w+$/)
      .describe('The repository as owner/name'),
    labels: z.array(z.string().min(1)).max(2).optional(),
    count: z.number().int().min(1).max(5).optional(),
    state: z.enum(['open', 'closed']).default('open'),
    draft: z.boolean().optional(),
    author: z.object({ name: z.string() }).optional(),
  }),
  { io: 'input' },
)
const said = (args: Record<string, unknown>) => {
  const problems = misfits(schema, args)
  return problems && sayTheSentence(problems)
}

it.each([
  [{}, null],
  [{ labels: ['a'], count: 5, state: 'closed', draft: false, author: { name: 'x' } }, null],
  [{ repository: undefined }, '“repository” is missing.'],
  [{ repository: 7 }, '“repository” must be a text in double quotes.'],
  [
    { repository: 'x' },
    '“repository” does not have the form that the tool wants, which it describes as “The repository as owner/name”.',
  ],
  [{ labels: 'bug' }, '“labels” must be a list in square brackets.'],
  [{ labels: ['a', ''] }, '“labels → 2” must have a character at least.'],
  [{ labels: ['a', 'b', 'c'] }, '“labels” may have 2 entries at most.'],
  [{ count: '3' }, '“count” must be a number, without quotes.'],
  [{ count: 1.5 }, '“count” must be a whole number, without quotes.'],
  [{ count: 9 }, '“count” may be 5 at most.'],
  [{ count: 0 }, '“count” must be 1 at least.'],
  [{ state: 'shut' }, '“state” must be one of these: "open", "closed".'],
  [{ draft: 'no' }, '“draft” must be true or false, without quotes.'],
  [{ author: [] }, '“author” must be names and values in curly brackets.'],
  [{ author: {} }, '“author → name” is missing.'],
  [{ lables: [] }, '“lables” is something that the tool does not know.'],
  [{ 'a\u202eb': 1 }, '“a⟨U+202E⟩b” is something that the tool does not know.'],
])('%j, besides a repository: %s', (more, words) => {
  expect(said({ repository: 'me/recipes', ...more })).toBe(words)
})

it('says the first three things, one for each field', () => {
  expect(said({ labels: ['', '', ''], count: 'x', state: 4, draft: 1 })?.split('. ')).toHaveLength(3)
})

it('what the built-in tools want can be read', async () => {
  for (const { tools } of await Promise.all(Object.values(connectorFiles).map((read) => read())))
    for (const tool of tools) {
      const { inputSchema } = toolDefinition(
        tool,
        inputOf(tool, ['one', 'two'], () => true),
        true,
      )
      expect(sayTheSentence(misfits(inputSchema, { nonsense: 1 })!), tool.name).toContain('“nonsense”')
    }
})
