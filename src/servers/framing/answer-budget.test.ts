import { expect, it } from 'vitest'
import { AnswerBudgets, Arriving } from './answer-budget.ts'

const MB = 1_000_000

it('of one message, of one server and of all is kept, and given back', () => {
  const budgets = new AnswerBudgets(() => 10 * MB)
  const [a, b, c] = [budgets.budgetOf(), budgets.budgetOf(), budgets.budgetOf()]
  const arriving = (budget: typeof a) => {
    const one = new Arriving(budget)
    one.add(9 * MB)
    return one
  }
  const alone = arriving(a)
  expect(() => alone.add(2 * MB)).toThrow(/larger than 10 MB.*dropped/)
  const held = [arriving(a), arriving(a)]
  expect(() => arriving(a)).toThrow(/more large answers at once/)
  held.push(arriving(b), arriving(b))
  expect(() => arriving(c)).toThrow(expect.objectContaining({ code: 'servers-send-too-much' }))
  held.pop()!.done()
  arriving(c).done()
  for (const one of held) one.done()
  for (const budget of [a, b]) held.push(arriving(budget), arriving(budget))
})

it('does not count small messages, and follows the owner’s setting', () => {
  let largest = 1 * MB
  const budget = new AnswerBudgets(() => largest).budgetOf()
  for (let count = 0; count < 1_000; count += 1) new Arriving(budget).add(60_000)
  expect(() => new Arriving(budget).add(2 * MB)).toThrow('larger than 1 MB')
  largest = 2 * MB
  new Arriving(budget).add(2 * MB)
})
