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
  const [done, word] = (await answer).content as { text: string }[]
  expect([done]).toEqual(says('done').content)
  // Its assistant is told that it was not what it asked for.
  expect(word!.text).toContain('The owner changed the arguments')
  expect(ran).toEqual([{ path: 'a', text: 'mine' }])
  expect(row).toBe('edited running {"path":"a","text":"mine"}')
  expect(at.rows()).toEqual(['write edited answered'])
  // The word was for what was changed, and is spent.
  const again = call('write', { path: 'a', text: 'theirs' })
  at.approvals.decide((await asked()).id, 'deny')
  expect((await again).isError).toBe(true)
  expect(ran).toHaveLength(1)
})

it('that he changed something is said too where it failed, and not where nothing was done', async () => {
  let fails: 'in words' | 'as an error' | 'before' = 'in words'
  open({
    kind: 'connector',
    call: async (_tool, args, { stillAllowed }) => {
      if (fails === 'before') {
        at.settings.set('write', { enabled: false })
        at.catalog.refresh()
      }
      stillAllowed?.()
      ran.push(args)
      if (fails === 'as an error') throw new Error('broken')
      return { ...says('It did not work.'), isError: true }
    },
  })
  for (fails of ['in words', 'as an error', 'before'] as const) {
    const answer = call('write', { path: fails, text: 'theirs' })
    const { id, seen } = await asked()
    at.approvals.decide(id, 'once', seen, '{"path":"a","text":"mine"}')
    const told = await answer
    expect(told.isError).toBe(true)
    const isSaid = JSON.stringify(told).includes('The owner changed the arguments')
    expect([fails, isSaid]).toEqual([fails, fails !== 'before'])
  }
  expect(ran).toHaveLength(2)
})

it('what the owner changed runs only where it fits the tool; until then the question stands', async () => {
  const properties = { path: { type: 'string' }, text: { type: 'string' } }
  const inputSchema = { type: 'object' as const, properties, required: ['path'], additionalProperties: false }
  open({ kind: 'connector', tools: () => [{ ...write, inputSchema }] })
  const answer = call('write', { path: 'a', text: 'theirs' })
  const { id, seen } = await asked()
  const allow = (changed: object) => at.approvals.decide(id, 'once', seen, JSON.stringify(changed))
  expect(() => allow({ text: 'mine' })).toThrow('nothing was allowed. “path” is missing.')
  expect(() => allow({ path: 'a', text: 5, bcc: 'x' })).toThrow(/“text” must be a text.+“bcc” is something/)
  expect(at.approvals.list()).toHaveLength(1)
  expect(ran).toEqual([])
  allow({ path: 'a', text: 'mine' })
  await answer
  expect(ran).toEqual([{ path: 'a', text: 'mine' }])
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

it('each row names the rule by which its call was let go, or refused, together with another one', async () => {
  open({})
  const calls = ['a', 'b', 'c'].map((text) => call('write', { text }, 'one'))
  await expect.poll(() => at.approvals.list()).toHaveLength(3)
  const { id, seen } = await asked()
  at.approvals.decide(id, 'chat', seen)
  const [rule] = at.rules.list()
  await Promise.all(calls)
  const said = () =>
    at.activity.list({ limit: 3 }).map(({ decision, outcome, rule }) => [decision, outcome, rule?.id])
  const byRule = ['allowed', 'answered', rule!.id]
  // The first ran by the answer itself.
  expect(said()).toEqual([byRule, byRule, ['approved', 'answered', undefined]])
  expect(at.rules.list()).toMatchObject([{ uses: 2, inChat: true }])
  at.rules.revokeAll('grant_1')
  const refused = ['d', 'e', 'f'].map((text) => call('write', { text }, 'two'))
  await expect.poll(() => at.approvals.list()).toHaveLength(3)
  at.approvals.decide((await asked()).id, 'never')
  const [never] = at.rules.list()
  await Promise.all(refused)
  const byNever = ['denied', 'denied', never!.id]
  expect(said()).toEqual([byNever, byNever, ['denied', 'denied', undefined]])
  expect(ran).toHaveLength(3)
  // It counts what it refused, then and later, also what gets no row of its own any more.
  expect(at.rules.list()).toMatchObject([{ effect: 'never', uses: 2 }])
  for (let count = 0; count < 30; count += 1) await call('write', { text: `${count}` }, 'two')
  const [counted] = at.rules.list()
  expect(counted).toMatchObject({ uses: 32, lastUsedAt: expect.any(Number) })
  expect(at.activity.get(counted!.lastUsedFor!.call).rule?.id).toBe(never!.id)
  expect(ran).toHaveLength(3)
  expect(await at.activity.check()).toMatchObject({ changed: [], isMarked: true })
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

it('a row names the rule that decided about it, also when that is another one by then, and when it is revoked', async () => {
  open({})
  const first = call('write', { text: 'a' })
  const { id, seen } = await asked()
  at.approvals.decide(id, 'tool', seen)
  await first
  const rowOf = () => at.activity.list({ limit: 1 })[0]!
  expect(rowOf()).toMatchObject({ decision: 'approved', rule: null })
  await call('write', { text: 'b' })
  const [general] = at.rules.list()
  const { since, clientName } = general!
  expect(rowOf()).toMatchObject({
    ...{ decision: 'allowed', outcome: 'answered' },
    rule: {
      ...{ id: general!.id, effect: 'allow', tool: 'write', clientName, since, until: null },
      isExact: false,
    },
  })
  // The same question once more, and while it waits the rule about all of them ends: what is left holds for this one alone.
  at.rules.revoke(general!.id)
  const asks = call('write', { text: 'c' })
  const second = await asked()
  at.approvals.decide(second.id, 'exact', second.seen)
  await asks
  const third = call('write', { text: 'd' })
  const last = await asked()
  at.approvals.decide(last.id, 'tool', last.seen)
  await third
  const [newer, exact] = at.rules.list()
  const next = call('write', { text: 'c' })
  at.rules.revoke(newer!.id)
  await next
  expect(rowOf()).toMatchObject({ decision: 'allowed', rule: { id: exact!.id, isExact: true } })
  at.rules.revokeAll('grant_1')
  expect(rowOf().rule).toMatchObject({ id: exact!.id })
  const never = call('write', { text: 'e' })
  at.approvals.decide((await asked()).id, 'never')
  await never
  await call('write', { text: 'e' })
  expect(rowOf()).toMatchObject({ decision: 'denied', rule: { effect: 'never' } })
  expect(await at.activity.check()).toMatchObject({ changed: [], isMarked: true })
})

it('a sentence is said whole or not at all', () => {
  expect(sentenceOf('Deletes {path}.', { path: 'a”b\u202e' })).toBe('Deletes “a⟨U+201D⟩b⟨U+202E⟩”.')
  expect(sentenceOf('Keeps {count} of {all}.', { count: 3, all: true })).toBe('Keeps 3 of true.')
  expect(sentenceOf('Deletes {path}.', {})).toBeNull()
  expect(sentenceOf('Deletes {path}.', { path: ['a'] })).toBeNull()
  expect(sentenceOf('Deletes {constructor}.', {})).toBeNull()
  expect(sentenceOf(undefined, {})).toBeNull()
})
