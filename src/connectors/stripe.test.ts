import { afterEach, expect, it } from 'vitest'
import { stripe } from './stripe.ts'
import { Desk, itSurvives, noon } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { startFixtureStripe } from './testing/fixture-stripe.ts'

type Stock = Parameters<typeof startFixtureStripe>[0]
let made = 0
const id = (kind: string) => {
  made += 1
  return `${kind}_${made}`
}
const now = noon / 1_000

const price = (unit_amount: number | null, more: object = {}, recurring: object = {}) => ({
  ...{ id: id('price'), object: 'price', currency: 'eur', product: 'prod_a', billing_scheme: 'per_unit' },
  ...{
    unit_amount,
    unit_amount_decimal: unit_amount === null ? null : String(unit_amount),
    tiers_mode: null,
  },
  transform_quantity: null,
  ...more,
  recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed', ...recurring },
})
const item = (of: object, quantity: number | undefined = 1, discounts: object[] = []) => ({
  ...{ id: id('si'), object: 'subscription_item', price: of, quantity, discounts },
})
const discount = (coupon: object, end: number | null = null) => ({
  ...{ id: id('di'), object: 'discount', end },
  coupon: {
    id: id('co'),
    duration: 'forever',
    percent_off: null,
    amount_off: null,
    currency: null,
    ...coupon,
  },
})
const sub = (items: object[], more: object = {}) => ({
  ...{ id: id('sub'), object: 'subscription', customer: id('cus'), status: 'active', currency: 'eur' },
  ...{ pause_collection: null, discounts: [], items: { object: 'list', data: items, has_more: false } },
  ...more,
})
const year = { interval: 'year' }
const usage = { usage_type: 'metered' }
const tiered = (tiers_mode: string, recurring = {}) => ({
  ...price(null, { billing_scheme: 'tiered', tiers_mode }, recurring),
})
const tier = (up_to: number | null, unit_amount: number, flat_amount = 0) => ({
  ...{ up_to, unit_amount, unit_amount_decimal: String(unit_amount) },
  ...{ flat_amount, flat_amount_decimal: String(flat_amount) },
})
const off = (percent_off: number, more = {}) => discount({ percent_off, ...more })
const minus = (amount_off: number) => discount({ amount_off, currency: 'eur' })

const steps = tiered('graduated')
const bulk = tiered('volume')
const flat = tiered('graduated')
const yearly = tiered('volume', year)
const tiersOfAll = {
  [steps.id]: [tier(5, 800), tier(10, 600), tier(null, 400)],
  [bulk.id]: [tier(10, 800), tier(null, 600)],
  [flat.id]: [tier(10, 0, 2_000), tier(null, 150)],
  [yearly.id]: [tier(5, 6_000, 1_200), tier(null, 5_000)],
}
const dollars = { currency: 'usd' }
const yen = { currency: 'jpy' }
const repeating = { duration: 'repeating' }

/** What it is, and what it brings in a month, worked out by hand: in cents, or yen. */
const table: [what: string, subscription: object, month: number][] = [
  ['10 € a month', sub([item(price(1_000))], { customer: 'cus_twice' }), 1_000],
  ['three at 10 €, of the same customer', sub([item(price(1_000), 3)], { customer: 'cus_twice' }), 3_000],
  ['120 € a year', sub([item(price(12_000, {}, year))]), 1_000],
  ['100 € a year', sub([item(price(10_000, {}, year))]), 833.3333],
  ['two at 250 € a year', sub([item(price(25_000, {}, year), 2)]), 4_166.6667],
  ['30 € a quarter', sub([item(price(3_000, {}, { interval_count: 3 }))]), 1_000],
  ['240 € for two years', sub([item(price(24_000, {}, { ...year, interval_count: 2 }))]), 1_000],
  ['5 € a week', sub([item(price(500, {}, { interval: 'week' }))]), 2_166.6667],
  [
    '10 € every two weeks',
    sub([item(price(1_000, {}, { interval: 'week', interval_count: 2 }))]),
    2_166.6667,
  ],
  ['1 € a day', sub([item(price(100, {}, { interval: 'day' }))]), 3_041.6667],
  ['20 €, past due', sub([item(price(2_000))], { status: 'past_due' }), 2_000],
  ['on trial', sub([item(price(5_000))], { status: 'trialing' }), 0],
  ['ended', sub([item(price(5_000))], { status: 'canceled' }), 0],
  ['never paid', sub([item(price(1_500))], { status: 'incomplete' }), 0],
  ['unpaid', sub([item(price(1_500))], { status: 'unpaid' }), 0],
  ['collection paused', sub([item(price(1_500))], { pause_collection: { behavior: 'void' } }), 0],
  ['paused after a trial', sub([item(price(1_500))], { status: 'paused' }), 0],
  ['by usage alone', sub([item(price(2, {}, usage), undefined)]), 0],
  ['10 € and usage', sub([item(price(1_000)), item(price(2, {}, usage))]), 1_000],
  ['twelve, in steps: 5 × 8 + 5 × 6 + 2 × 4 €', sub([item(steps, 12)]), 7_800],
  ['twelve, all at the price of the last: 6 €', sub([item(bulk, 12)]), 7_200],
  ['ten for 20 €, fifteen more at 1.50 €', sub([item(flat, 25)]), 4_250],
  ['three at 60 € and 12 € at once, a year', sub([item(yearly, 3)]), 1_600],
  ['steps by usage', sub([item(tiered('graduated', usage))]), 0],
  ['20 €, a tenth off for ever', sub([item(price(2_000))], { discounts: [off(10)] }), 1_800],
  [
    '40 €, a quarter off for some months more',
    sub([item(price(4_000))], { discounts: [discount({ percent_off: 25, ...repeating }, now + 9_999)] }),
    3_000,
  ],
  [
    '40 €, a quarter off until yesterday',
    sub([item(price(4_000))], { discounts: [discount({ percent_off: 25, ...repeating }, now - 86_400)] }),
    4_000,
  ],
  ['40 €, half off once', sub([item(price(4_000))], { discounts: [off(50, { duration: 'once' })] }), 4_000],
  ['20 €, 5 € off', sub([item(price(2_000))], { discounts: [minus(500)] }), 1_500],
  ['120 € a year, 24 € off', sub([item(price(12_000, {}, year))], { discounts: [minus(2_400)] }), 800],
  ['20 €, 50 € off', sub([item(price(2_000))], { discounts: [minus(5_000)] }), 0],
  ['30 €, a tenth off, then 3 €', sub([item(price(3_000))], { discounts: [off(10), minus(300)] }), 2_400],
  [
    '10 € and 20 €, half off the second',
    sub([item(price(1_000)), item(price(2_000, { product: 'prod_b' }))], {
      discounts: [off(50, { applies_to: { products: ['prod_b'] } })],
    }),
    2_000,
  ],
  ['50 €, a fifth off that item', sub([item(price(5_000), 1, [off(20)])]), 4_000],
  ['10,000 at half a cent', sub([item(price(null, { unit_amount_decimal: '0.5' }), 10_000)]), 5_000],
  [
    '25, in packs of ten at 7 €',
    sub([item(price(700, { transform_quantity: { divide_by: 10, round: 'up' } }), 25)]),
    2_100,
  ],
  ['49 $ a month', sub([item(price(4_900, dollars))], dollars), 4_900],
  [
    '600 $ a year, a fifth off',
    sub([item(price(60_000, dollars, year))], { ...dollars, discounts: [off(20)] }),
    4_000,
  ],
  ['two at 1,500 ¥', sub([item(price(1_500, yen), 2)], yen), 3_000],
  ['10,000 ¥ a year', sub([item(price(10_000, yen, year))], yen), 833.3333],
]

const transaction = (type: string, amount: number, fee = 0, more = {}) => ({
  ...{ id: id('txn'), object: 'balance_transaction', type, currency: 'eur', amount, fee, net: amount - fee },
  ...{ created: now - 86_400, ...more },
})
const transactions = [
  transaction('charge', 10_000, 300),
  transaction('payment', 5_000, 175),
  transaction('refund', -2_000),
  transaction('adjustment', -1_000, 1_500),
  transaction('stripe_fee', -250),
  transaction('payout', -8_000),
  transaction('charge', 12_000, 432, yen),
  transaction('charge', 99_900, 0, { created: now - 20 * 86_400 }),
]

let fixture: Fixture
afterEach(() => fixture?.close())
async function deskOf(subscriptions: object[], more: Partial<Stock> = {}, largest?: number) {
  const stock = { subscriptions, transactions: [], tiers: tiersOfAll, ...more } as unknown as Stock
  fixture = await startFixtureStripe(stock, largest)
  const desk = new Desk([stripe], { stripe: fixture.url })
  await desk.save({ key: 'rk_live_right' })
  return desk
}

it('has forty subscriptions in its table', () => {
  expect(table).toHaveLength(40)
})

it.each(table)('counts what it brings in a month: %s', async (_what, subscription, month) => {
  const { currency } = subscription as { currency: string }
  const { values } = await (await deskOf([subscription])).call('get_revenue')
  const [money] = values.currencies as { currency: string; mrr: number }[]
  const units = currency === 'jpy' ? 1 : 100
  expect(money?.mrr ?? 0).toBe(Math.round(month) / units)
  expect(money?.currency ?? currency.toUpperCase()).toBe(currency.toUpperCase())
})

it('adds them up by currency, over pages, and rounds once', async () => {
  const desk = await deskOf(
    table.map(([, subscription]) => subscription),
    { transactions } as unknown as Partial<Stock>,
    7,
  )
  const { values, text } = await desk.call('get_revenue', { range: '7d' })
  expect(values).toMatchObject({
    range: '7d',
    from: '2026-11-09',
    to: '2026-11-15',
    trials: 1,
    subscribers: 33,
  })
  expect(values.currencies).toEqual([
    { currency: 'JPY', mrr: 3_833, gross: 12_000, refunds: 0, fees: 432, net: 11_568, subscribers: 2 },
    { currency: 'EUR', mrr: 738.25, gross: 150, refunds: 30, fees: 22.25, net: 97.75, subscribers: 29 },
    { currency: 'USD', mrr: 89, gross: 0, refunds: 0, fees: 0, net: 0, subscribers: 2 },
  ])
  expect(values.uncounted).toEqual({
    ...{ byUsage: 3, unreadable: 0, olderSubscriptions: false, paymentsSince: null },
  })
  expect(text).toContain('EUR: MRR 738.25; from 2026-11-09 to 2026-11-15 gross 150, refunds 30, net 97.75')
  const pages = fixture.requests.filter(({ path }) => path === '/v1/subscriptions')
  expect(pages.length).toBe(6)
  expect(fixture.requests.every(({ method }) => method === 'GET')).toBe(true)
  const month = await desk.call('get_revenue')
  expect(month.values).toMatchObject({ range: '30d', from: '2026-10-17' })
  expect((month.values.currencies as { gross: number }[])[1]!.gross).toBe(1_149)
})

it('says what it had no time for', async () => {
  const many = Array.from({ length: 50 }, () => sub([item(price(1_000))]))
  const lots = Array.from({ length: 45 }, () => transaction('charge', 100))
  const desk = await deskOf(many, { transactions: lots } as unknown as Partial<Stock>, 1)
  const { values } = await desk.call('get_revenue')
  expect(values.uncounted).toMatchObject({ olderSubscriptions: true, paymentsSince: '2026-11-14' })
})

it('of an account without data says that there is none', async () => {
  const desk = await deskOf([])
  const { values, text } = await desk.call('get_revenue', { range: '1y' })
  expect(values).toMatchObject({ currencies: [], subscribers: 0 })
  expect(text).toMatch(/^No revenue from 2025-11-16 to 2026-11-15, and no subscriptions\./)
  const [account] = (await desk.shown())[0]!.accounts
  expect((await desk.test(account!.id)).message).toContain('There are no subscriptions yet.')
})

it('takes no other range', async () => {
  const desk = await deskOf([])
  await expect(desk.call('get_revenue', { range: '2y' })).rejects.toMatchObject({ code: 'arguments-invalid' })
})

itSurvives({
  connector: stripe,
  tool: 'get_revenue',
  start: () =>
    startFixtureStripe({
      subscriptions: [sub([item(price(1_000))])],
      transactions,
      tiers: {},
    } as unknown as Stock),
  right: { key: 'rk_live_right' },
  wrong: { key: 'rk_live_wrong' },
  works: /^It works: Stripe lets the key read/,
  odd: { data: [{ id: 7 }], has_more: false },
  requests: 2,
})
