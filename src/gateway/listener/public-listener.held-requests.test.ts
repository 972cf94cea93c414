import { afterEach, expect, it } from 'vitest'
import { longestHold, slowness, surelyHeld } from '../../kernel/testing/held-thread.ts'
import { WorkBudget, within } from '../../kernel/work-budget.ts'
import { matchesTemplate, parseTemplate } from '../../mcp/uri-template.ts'
import { callerOf, makePipeline, principalOf, serverOf } from '../testing/fixture-pipeline.ts'

let made: ReturnType<typeof makePipeline> | undefined
afterEach(() => made?.stop())

const costly = (n: number) => `a://${'{+x}b'.repeat(48)}{+y}${n}`
const watchers = () =>
  Array.from({ length: 3 }, (_, server) =>
    serverOf(`s${server}`, {
      request: async () => ({}),
      watch() {},
      capabilities: () => ({ resources: { subscribe: true } }),
      resources: () => [{ uri: `s${server}://one`, name: 'one' }],
      resourceTemplates: () =>
        Array.from({ length: 7 }, (_, n) => ({ uriTemplate: costly(n + 10 * server), name: `t${n}` })),
    }),
  )

it('listening to 1,000 long URIs against 20 costly templates has one budget', async () => {
  made = makePipeline(watchers())
  const { subscriptions } = made
  const uris = new Set(Array.from({ length: 1_000 }, (_, n) => `a://${'b'.repeat(240)}${n}`))
  const limit = 100 * slowness()
  let time = 0
  const held = await surelyHeld(limit, () =>
    longestHold(async () => {
      time += 1
      subscriptions.set(`stream ${time}`, principalOf(), uris, () => {})
    }),
  )
  expect(held).toBeLessThan(limit)
})

it('ordinary ones are all accepted, and each stream of a grant takes from the same room', () => {
  made = makePipeline(watchers())
  const { subscriptions } = made
  const uris = (from: number) =>
    new Set(Array.from({ length: 1_000 }, (_, n) => `s1://documents/${from + n}/of/somebody`))
  for (let stream = 0; stream < 5; stream += 1)
    expect(subscriptions.set(`stream ${stream}`, principalOf(), uris(1_000 * stream), () => {}).size).toBe(
      1_000,
    )
  expect(subscriptions.set('one more', principalOf(), uris(9_000), () => {}).size).toBe(0)
  const other = callerOf(principalOf({ grantId: 'grant_2' })).principal
  expect(subscriptions.set('of another', other, uris(0), () => {}).size).toBe(1_000)
})

it('a template is matched as far as the budget goes', () => {
  const template = parseTemplate(costly(1))!
  const uri = `a://${'b'.repeat(500)}1`
  expect(matchesTemplate(template, uri)).toBe(true)
  const cost = template.parts.length * (uri.length + 1)
  const budget = new WorkBudget(2 * cost)
  const tries = () => within(budget, () => matchesTemplate(template, uri))
  expect([tries(), tries(), tries()]).toEqual([true, true, false])
  expect(budget.isSpent).toBe(true)
  expect(matchesTemplate(template, uri)).toBe(true)
})
