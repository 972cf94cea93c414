import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { Book, unitsOf } from './families/book.ts'
import { families } from './families/families.ts'
import { type Interval, monthly, type Tier, tieredAmount } from './families/monthly.ts'
import { daysOf, isoDate, type Range } from './families/ranges.ts'
import { decimal, defineRevenue, type Revenue, revenueExamples } from './families/revenue.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { secretField, type ValuesOf } from './kit/fields.ts'
import { type Period, type Series, seriesOf } from './kit/service-events.ts'

const fields = {
  key: secretField({
    label: saidLater('connector.stripe.key.label'),
    hint: saidLater('connector.stripe.key.hint'),
    placeholder: 'rk_live_…',
    required: true,
    scopes: ['Subscriptions: Read', 'Prices: Read', 'Coupons: Read', 'Balance transactions: Read'],
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Amount = z.number().nullish()
const Decimal = z.string().nullish()
const Tiers = z.lazy(() =>
  z.array(
    z.object({
      up_to: z.number().nullable(),
      unit_amount: Amount,
      unit_amount_decimal: Decimal,
      flat_amount: Amount,
      flat_amount_decimal: Decimal,
    }),
  ),
)
const Price = z.lazy(() =>
  z.object({
    id: z.string(),
    currency: z.string(),
    product: z.string(),
    billing_scheme: z.string(),
    unit_amount: Amount,
    unit_amount_decimal: Decimal,
    tiers_mode: z.enum(['graduated', 'volume']).nullish(),
    transform_quantity: z
      .object({ divide_by: z.number().positive(), round: z.enum(['up', 'down']) })
      .nullish(),
    recurring: z
      .object({
        interval: z.enum(['day', 'week', 'month', 'year']),
        interval_count: z.number().int().positive(),
        usage_type: z.string(),
      })
      .nullable(),
  }),
)
type Price = z.infer<typeof Price>
const Discount = z.lazy(() =>
  z.object({
    end: z.number().nullish(),
    coupon: z.object({
      duration: z.string(),
      percent_off: z.number().nullish(),
      amount_off: Amount,
      currency: z.string().nullish(),
      applies_to: z.object({ products: z.array(z.string()) }).nullish(),
    }),
  }),
)
type Discount = z.infer<typeof Discount>
/** What is not expanded is an id, and of an older kind than we ask for. */
const Discounts = z.lazy(() => z.array(z.union([Discount, z.string()])).nullish())
const Item = z.lazy(() => z.object({ quantity: z.number().nullish(), price: Price, discounts: Discounts }))
const Subscription = z.lazy(() =>
  z.object({
    id: z.string(),
    customer: z.string(),
    status: z.string(),
    currency: z.string(),
    pause_collection: z.unknown().nullish(),
    discounts: Discounts,
    items: z.object({ data: z.array(Item), has_more: z.boolean().optional() }),
  }),
)
type Subscription = z.infer<typeof Subscription>
const Transaction = z.lazy(() =>
  z.object({
    id: z.string(),
    type: z.string(),
    currency: z.string(),
    amount: z.number(),
    fee: z.number(),
    net: z.number(),
    created: z.number(),
  }),
)
type Transaction = z.infer<typeof Transaction>
const pageOf = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item), has_more: z.boolean() })

/** One page of a hundred takes about 0.3 s. */
const most = 40
/** Prices with tiers come one by one. */
const mostTiered = 20

/** All of a list, newest first. `more`: there are others, which there was no time for. */
async function all<T extends { id: string }>(path: string, item: z.ZodType<T>, ask: Asking) {
  const next = ({ data, has_more }: { data: T[]; has_more: boolean }) => {
    const last = data.at(-1)
    return has_more && last ? `${path}&starting_after=${encodeURIComponent(last.id)}` : null
  }
  const { pages, more } = await ask.pages(path, pageOf(item), next, { most })
  return { items: pages.flatMap(({ data }) => data), more }
}

const counting = ['active', 'past_due']
/** Without a status: all but those that ended. */
const subscriptionsPath =
  '/v1/subscriptions?limit=100&expand[]=data.discounts.coupon.applies_to&expand[]=data.items.data.discounts'

async function find({ range }: { range: Range }, ask: Asking): Promise<Revenue> {
  const { since, from, to } = daysOf(range, ask.now())
  const transactionsPath = `/v1/balance_transactions?limit=100&created[gte]=${since / 1_000}`
  const [subscriptions, transactions] = await Promise.all([
    all(subscriptionsPath, Subscription, ask),
    all(transactionsPath, Transaction, ask),
  ])
  const counted = subscriptions.items.filter(
    ({ status, pause_collection }) => counting.includes(status) && !pause_collection,
  )
  const tiers = await tiersOf(counted, ask)
  const book = new Book()
  for (const one of counted)
    book.subscription(one.currency, one.customer, monthlyOf(one, tiers, ask.now() / 1_000))
  for (const one of transactions.items) enter(book, one)
  const oldest = transactions.items.at(-1)
  return {
    ...{ range, from, to, currencies: book.currencies({ knowsFees: true }), subscribers: book.subscribers },
    trials: subscriptions.items.filter(({ status }) => status === 'trialing').length,
    uncounted: {
      byUsage: counted.filter(({ items }) => items.data.some(({ price }) => isMetered(price))).length,
      unreadable: counted.filter(
        ({ items }) =>
          items.has_more || items.data.some(({ price }) => isTiered(price) && !tiers.has(price.id)),
      ).length,
      olderSubscriptions: subscriptions.more,
      paymentsSince: transactions.more && oldest ? isoDate(oldest.created * 1_000) : null,
    },
  }
}

const isMetered = ({ recurring }: Price) => recurring?.usage_type === 'metered'
const isTiered = (price: Price) => price.billing_scheme === 'tiered' && !isMetered(price)

/** By price: a list of subscriptions cannot be asked for them. */
async function tiersOf(subscriptions: readonly Subscription[], ask: Asking) {
  const prices = subscriptions.flatMap(({ items }) => items.data.map(({ price }) => price))
  const ids = [...new Set(prices.filter(isTiered).map(({ id }) => id))].slice(0, mostTiered)
  const found = new Map<string, Tier[]>()
  for (const id of ids) {
    const { tiers } = await ask.get(
      `/v1/prices/${encodeURIComponent(id)}?expand[]=tiers`,
      z.object({ tiers: Tiers.nullish() }),
    )
    if (!tiers) continue
    found.set(
      id,
      tiers.map((one) => ({
        upTo: one.up_to,
        unit: decimal(one.unit_amount_decimal, one.unit_amount),
        flat: decimal(one.flat_amount_decimal, one.flat_amount),
      })),
    )
  }
  return found
}

/** Of one item, each time that it is billed. */
function amountOf({ price, quantity }: z.infer<typeof Item>, tiers: ReadonlyMap<string, Tier[]>): number {
  const { transform_quantity: packs } = price
  const exact = quantity ?? 1
  const units = packs ? Math[packs.round === 'up' ? 'ceil' : 'floor'](exact / packs.divide_by) : exact
  if (!isTiered(price)) return decimal(price.unit_amount_decimal, price.unit_amount) * units
  return tieredAmount(tiers.get(price.id) ?? [], price.tiers_mode ?? 'graduated', units)
}

/** What is taken off for as long as we know; what is taken off once is not. */
const lasting = (discounts: z.infer<typeof Discounts>, now: number): Discount[] =>
  (discounts ?? []).filter(
    (one): one is Discount =>
      typeof one !== 'string' && one.coupon.duration !== 'once' && (!one.end || one.end > now),
  )

/** In the smallest unit of its currency, discounts taken off, not rounded. */
function monthlyOf(one: Subscription, tiers: ReadonlyMap<string, Tier[]>, now: number): number {
  const lines = one.items.data.flatMap((item) => {
    const { price, discounts } = item
    if (!price.recurring || isMetered(price)) return []
    const interval: Interval = { unit: price.recurring.interval, count: price.recurring.interval_count }
    const line = { product: price.product, interval, left: monthly(amountOf(item, tiers), interval) }
    for (const discount of lasting(discounts, now)) takeOff([line], discount, one.currency)
    return [line]
  })
  for (const discount of lasting(one.discounts, now)) {
    const only = discount.coupon.applies_to?.products
    takeOff(only ? lines.filter(({ product }) => only.includes(product)) : lines, discount, one.currency)
  }
  return lines.reduce((sum, { left }) => sum + left, 0)
}

/** A percentage of each line, or an amount of each bill, shared out by what the lines cost. */
function takeOff(
  lines: { interval: Interval; left: number }[],
  { coupon }: Discount,
  currency: string,
): void {
  const whole = lines.reduce((sum, { left }) => sum + left, 0)
  if (whole === 0) return
  const off =
    coupon.percent_off != null
      ? (whole * coupon.percent_off) / 100
      : coupon.currency === currency
        ? monthly(coupon.amount_off ?? 0, lines[0]!.interval)
        : 0
  const rest = Math.max(0, 1 - off / whole)
  for (const line of lines) line.left *= rest
}

// Types of balance transactions (https://docs.stripe.com/reports/balance-transaction-types); payouts, transfers and the like are not revenue.
const paid = ['charge', 'payment']
const givenBack = ['refund', 'payment_refund', 'refund_failure', 'payment_failure_refund', 'adjustment']
const fees = ['stripe_fee', 'tax_fee', 'stripe_fx_fee']

function enter(book: Book, { type, currency, amount, fee }: Transaction): void {
  if (paid.includes(type)) book.add(currency, { gross: amount, fees: fee })
  else if (givenBack.includes(type)) book.add(currency, { refunds: -amount, fees: fee })
  else if (fees.includes(type)) book.add(currency, { fees: fee - amount })
}

/** What was paid, each currency for itself, before refunds and fees. */
async function revenue(ask: Asking, period: Period): Promise<Series[]> {
  const { since, until, step } = period
  const seconds = (at: number) => Math.floor(at / 1_000)
  const path = `/v1/balance_transactions?limit=100&created[gte]=${seconds(since)}&created[lt]=${seconds(until)}`
  const { items, more } = await all(path, Transaction, ask)
  // Of more payments than could be read the oldest are missing: a rise that is none.
  const oldest = more ? Math.ceil(((items.at(-1)?.created ?? 0) * 1_000) / step) * step : since
  const currencies = new Map<string, Map<number, number>>()
  for (const { type, currency, amount, created } of items) {
    if (!paid.includes(type) || created * 1_000 < oldest) continue
    const unit = currency.toUpperCase()
    const counted = currencies.get(unit) ?? new Map<number, number>()
    const at = Math.floor((created * 1_000) / step) * step
    counted.set(at, (counted.get(at) ?? 0) + amount / unitsOf(unit))
    currencies.set(unit, counted)
  }
  return [...currencies].map(([unit, counted]) =>
    seriesOf({ since: oldest, until, step }, step, counted, unit),
  )
}

export const stripe = defineConnector({
  slug: 'stripe',
  name: 'Stripe',
  family: families.revenue,
  about: saidLater('connector.stripe.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#5b4fd6"/><path d="M9 11h14M9 16h14M9 21h9" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/></svg>',
  baseUrl: 'https://api.stripe.com',
  headers: ({ key }) => ({ authorization: `Bearer ${key}`, 'stripe-version': '2024-06-20' }),
  fields,
  metrics: { revenue },
  tools: [defineRevenue(fields, find)],
  examples: revenueExamples,
  async test(ask) {
    const { data } = await ask.get('/v1/subscriptions?limit=1', pageOf(z.object({ id: z.string() })))
    await ask.get('/v1/balance_transactions?limit=1', pageOf(z.object({ id: z.string() })))
    return saidLater('connector.stripe.works', { some: data.length > 0 })
  },
})
