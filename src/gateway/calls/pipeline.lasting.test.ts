import { afterEach, expect, it } from 'vitest'
import type { ToolSource } from '../../mcp/tool-source.ts'
import { callerOf, makePipeline, principalOf, says, serverOf, tool } from '../testing/fixture-pipeline.ts'
import { sentenceOf } from './sentence.ts'

/** What answers do beyond a yes and a no, on the way of a call. */
let at: ReturnType<typeof makePipeline>
let ran: unknown[] = []
afterEach(() => {
  ran = []
  at?.stop()
})

const write = tool('write', { annotations: { destructiveHint: false }, sentence: 'Writes {text} to {path}.' })
function open(more: Partial<ToolSource>) {
  at = makePipeline([
    serverOf('ours', {
      prefixed: false,
      tools: () => [write],
      call: async (_tool, args) => {
        ran.push(args)
        return says('done')
      },
      ...more,
    }),
  ])
}
const asker = callerOf(principalOf({ access: 'ask' }))
const call = (name: string, args: object, chat: string | null = null) =>
  at.request('tools/call', { name, arguments: args }, { era: 'legacy', chat }, asker)
async function asked() {
  await expect.poll(() => at.approvals.list()[0]).toBeDefined()
  return at.approvals.get(at.approvals.list()[0]!.id)
}

it('what the owner changed is what runs, and what its row has before it runs', async () => {
  let row = ''
  open({
    kind: 'connector',
    call: async (_tool, args) => {
      const [before] = at.activity.list({ limit: 1 })
      row = `${before!.decision} ${before!.outcome} ${before!.arguments}`
      ran.push(args)
      return says('done')
    },
  })
  const answer = call('write', { path: 'a', text: 'theirs' })
  const { id, seen, canEdit, sentence } = await asked()
  expect([canEdit, sentence]).toEqual([true, 'Writes “theirs” to “a”.'])
  expect(() => at.approvals.decide(id, 'once', seen, '[1]')).toThrow('cannot be read')
  expect(() => at.approvals.decide(id, 'once', seen, '{"path": }')).toThrow('cannot be read')
  at.approvals.decide(id, 'once', seen, '{"path":"a","text":"mine"}')
  expect((await answer).content).toEqual(says('done').content)
  expect(ran).toEqual([{ path: 'a', text: 'mine' }])
  expect(row).toBe('edited running {"path":"a","text":"mine"}')
  expect(at.rows()).toEqual(['write edited answered'])
  // The word was for what was changed, and is spent.
  const again = call('write', { path: 'a', text: 'theirs' })
  at.approvals.decide((await asked()).id, 'deny')
  expect((await again).isError).toBe(true)
  expect(ran).toHaveLength(1)
})

it('what goes to a server cannot be changed, and has no sentence of its maker', async () => {
  open({})
  const answer = call('write', { text: 'theirs' })
  const { id, seen, canEdit, sentence } = await asked()
  expect([canEdit, sentence]).toEqual([false, null])
  expect(() => at.approvals.decide(id, 'once', seen, '{}')).toThrow('cannot be changed')
  expect(at.approvals.list()).toHaveLength(1)
  at.approvals.decide(id, 'deny')
  await answer
  expect(ran).toEqual([])
})

it('an answer that holds for longer lets go all that wait and that it holds for, and no others', async () => {
  open({})
  const first = call('write', { text: 'a' }, 'one')
  const same = call('write', { text: 'b' }, 'one')
  const other = call('write', { text: 'c' }, 'two')
  await expect.poll(() => at.approvals.list()).toHaveLength(3)
  const { id, seen } = await asked()
  at.approvals.decide(id, 'chat', seen)
  await Promise.all([first, same])
  expect(ran).toEqual(expect.arrayContaining([{ text: 'a' }, { text: 'b' }]))
  expect(at.approvals.list()).toHaveLength(1)
  at.approvals.decide((await asked()).id, 'never')
  expect((await other).isError).toBe(true)
  const refused = await call('write', { text: 'd' }, 'one')
  expect(JSON.stringify(refused)).toContain('does not want this assistant')
  expect(ran).toHaveLength(2)
})

it('a rule that ends while its call is written down lets nothing through', async () => {
  open({})
  const first = call('write', { text: 'a' })
  const { id, seen } = await asked()
  at.approvals.decide(id, 'tool', seen)
  await first
  const next = call('write', { text: 'b' })
  at.rules.revokeAll('grant_1')
  expect(JSON.stringify(await next)).toContain('took back')
  expect(ran).toEqual([{ text: 'a' }])
})

it('a sentence is said whole or not at all', () => {
  expect(sentenceOf('Deletes {path}.', { path: 'a”b\u202e' })).toBe('Deletes “a⟨U+201D⟩b⟨U+202E⟩”.')
  expect(sentenceOf('Keeps {count} of {all}.', { count: 3, all: true })).toBe('Keeps 3 of true.')
  expect(sentenceOf('Deletes {path}.', {})).toBeNull()
  expect(sentenceOf('Deletes {path}.', { path: ['a'] })).toBeNull()
  expect(sentenceOf('Deletes {constructor}.', {})).toBeNull()
  expect(sentenceOf(undefined, {})).toBeNull()
})
