import { afterEach, expect, it } from 'vitest'
import { lemonSqueezy } from './lemon-squeezy.ts'
import { stripe } from './stripe.ts'
import { Desk, hour, itSurvives, noon } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { type Shelves, startFixtureLemonSqueezy } from './testing/fixture-lemon-squeezy.ts'
import { startFixtureStripe } from './testing/fixture-stripe.ts'

let made = 0
const thing = (attributes: object) => {
  made += 1
  return { id: String(made), type: 'x', attributes } as Shelves['stores'][number]
}
const store = (id: string, currency: string) => ({
  id,
  type: 'stores',
  attributes: { name: `Store ${id}`, currency },
})
const price = (id: number, more: object) => ({
  ...{ id: String(id), type: 'prices' },
  attributes: {
    ...{
      category: 'subscription',
      scheme: 'standard',
      usage_aggregation: null,
      package_size: 1,
      tiers: null,
    },
    ...{
      unit_price: 1_000,
      unit_price_decimal: null,
      renewal_interval_unit: 'month',
      renewal_interval_quantity: 1,
    },
    ...more,
  },
})
const tiers = [
  { last_unit: 5, unit_price: 800, unit_price_decimal: null, fixed_fee: 0 },
  { last_unit: 'inf', unit_price: 600, unit_price_decimal: null, fixed_fee: 500 },
]
const prices = [
  price(1, {}),
  price(2, { unit_price: 12_000, renewal_interval_unit: 'year' }),
  price(3, { scheme: 'package', unit_price: 700, package_size: 10 }),
  price(4, { scheme: 'graduated', unit_price: null, tiers }),
  price(5, { scheme: 'volume', unit_price: null, tiers }),
  price(6, { usage_aggregation: 'sum' }),
  price(7, { unit_price: null, unit_price_decimal: '0.5' }),
  price(8, { unit_price: 1_500 }),
]
const sub = (price_id: number, quantity: number, more: object = {}) =>
  thing({
    ...{ store_id: 1, customer_id: made, status: 'active', pause: null, ends_at: null, test_mode: false },
    first_subscription_item: { id: 1, price_id, quantity },
    ...more,
  })
const sale = (total: number, ago: number, more: object = {}) =>
  thing({
    ...{ store_id: 1, status: 'paid', currency: 'EUR', total, refunded_amount: 0, test_mode: false },
    created_at: new Date(noon - ago * hour).toISOString(),
    ...more,
  })
const shelves = (): Shelves => ({
  stores: [store('1', 'EUR'), store('2', 'JPY')],
  prices,
  subscriptions: [
    sub(1, 3), // 30 €
    sub(2, 1), // 10 €
    sub(3, 25), // 3 packs, 21 €
    sub(4, 7), // 5 × 8 + 2 × 6 + 5 = 57 €
    sub(5, 7), // 7 × 6 + 5 = 47 €
    sub(6, 1), // by usage
    sub(7, 10_000), // 50 €
    sub(1, 1, { status: 'past_due' }), // 10 €
    sub(1, 1, { status: 'cancelled', ends_at: new Date(noon + hour).toISOString() }), // 10 €
    sub(1, 1, { status: 'cancelled', ends_at: new Date(noon - hour).toISOString() }),
    sub(1, 1, { status: 'on_trial' }),
    sub(1, 1, { status: 'expired' }),
    sub(1, 1, { pause: { mode: 'void' } }),
    sub(1, 1, { test_mode: true }),
    sub(8, 2, { store_id: 2 }), // 3,000 ¥
  ],
  orders: [
    sale(5_000, 1),
    sale(2_000, 2, { status: 'partial_refund', refunded_amount: 500 }),
    sale(9_900, 3, { status: 'failed' }),
    sale(9_900, 4, { test_mode: true }),
    sale(8_000, 24 * 20),
  ],
  'subscription-invoices': [
    sale(1_000, 5, { billing_reason: 'renewal' }),
    sale(5_000, 6, { billing_reason: 'initial' }),
    sale(3_000, 7, { billing_reason: 'renewal', currency: 'JPY', store_id: 2 }),
  ],
})

let fixture: Fixture
afterEach(() => fixture?.close())
async function deskOf(all: Shelves, values: object = {}, largest?: number) {
  fixture = await startFixtureLemonSqueezy(all, largest)
  const desk = new Desk([lemonSqueezy], { 'lemon-squeezy': fixture.url })
  await desk.save({ key: 'right', ...values })
  return desk
}

it('counts by the rule of Stripe, each store in its currency, over pages', async () => {
  const desk = await deskOf(shelves(), {}, 2)
  const { values, text } = await desk.call('get_revenue', { range: '7d' })
  expect(values.currencies).toEqual([
    { currency: 'JPY', mrr: 3_000, gross: 3_000, refunds: 0, fees: null, net: null, subscribers: 1 },
    { currency: 'EUR', mrr: 235, gross: 80, refunds: 5, fees: null, net: null, subscribers: 9 },
  ])
  expect(values).toMatchObject({ subscribers: 10, trials: 1, uncounted: { byUsage: 1, unreadable: 0 } })
  expect(text.split('\n')[0]).not.toContain('net')
  expect(fixture.requests.every(({ method }) => method === 'GET')).toBe(true)
})

it('asks one store alone', async () => {
  const desk = await deskOf(shelves(), { store: '2' })
  expect((await desk.call('get_revenue')).values.currencies).toMatchObject([{ currency: 'JPY', mrr: 3_000 }])
})

it('of an account without data says that there is none', async () => {
  const desk = await deskOf({
    stores: [],
    prices: [],
    subscriptions: [],
    orders: [],
    'subscription-invoices': [],
  })
  expect((await desk.call('get_revenue')).text).toMatch(/^No revenue from /)
  const { id } = (await desk.shown())[0]!.accounts[0]!
  expect((await desk.test(id)).message).toBe('It works: there are no stores yet.')
})

it('and Stripe are asked with one tool; their amounts are not added up', async () => {
  fixture = await startFixtureLemonSqueezy(shelves())
  const other = await startFixtureStripe({ subscriptions: [], transactions: [], tiers: {} })
  const both = new Desk([stripe, lemonSqueezy], { 'lemon-squeezy': fixture.url, stripe: other.url })
  expect(both.tools().map(({ name }) => name)).toEqual(['get_revenue'])
  await both.save({ key: 'right' }, { slug: 'lemon-squeezy', name: 'Shop' })
  await both.save({ key: 'rk_live_right' }, { name: 'Company' })
  const { values } = await both.call('get_revenue')
  expect(values).toEqual({
    accounts: [
      expect.objectContaining({ account: 'Company', service: 'Stripe', currencies: [] }),
      expect.objectContaining({ account: 'Shop', service: 'Lemon Squeezy', subscribers: 10 }),
    ],
  })
  await other.close()
})

itSurvives({
  connector: lemonSqueezy,
  tool: 'get_revenue',
  start: () => startFixtureLemonSqueezy({ ...shelves(), subscriptions: [], orders: [] }),
  right: { key: 'right' },
  wrong: { key: 'wrong' },
  works: /^It works: the key reads Store 1, Store 2\.$/,
  odd: { data: 'none' },
  requests: 7,
})
