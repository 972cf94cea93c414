import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { Book } from './families/book.ts'
import { families } from './families/families.ts'
import { type Interval, monthly, tieredAmount } from './families/monthly.ts'
import { daysOf, isoDate, type Range } from './families/ranges.ts'
import { decimal, defineRevenue, type Revenue, revenueExamples } from './families/revenue.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { secretField, textField, type ValuesOf } from './kit/fields.ts'

const fields = {
  key: secretField({
    label: saidLater('connector.lemon-squeezy.key.label'),
    hint: saidLater('connector.lemon-squeezy.key.hint'),
    required: true,
    // Its keys can do what their owner can.
  }),
  store: textField({
    label: saidLater('connector.lemon-squeezy.store.label'),
    hint: saidLater('connector.lemon-squeezy.store.hint'),
    placeholder: '12345',
    schema: z.string().regex(/^\d{1,12}$/),
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Store = z.lazy(() =>
  z.object({ id: z.string(), attributes: z.object({ name: z.string(), currency: z.string() }) }),
)
const Subscription = z.lazy(() =>
  z.object({
    attributes: z.object({
      store_id: z.number(),
      customer_id: z.number(),
      pause: z.unknown().nullish(),
      ends_at: z.string().nullish(),
      test_mode: z.boolean(),
      first_subscription_item: z.object({ price_id: z.number(), quantity: z.number() }).nullish(),
    }),
  }),
)
const Price = z.lazy(() =>
  z.object({
    scheme: z.enum(['standard', 'package', 'graduated', 'volume']),
    usage_aggregation: z.string().nullish(),
    unit_price: z.number().nullish(),
    unit_price_decimal: z.string().nullish(),
    package_size: z.number().positive().nullish(),
    tiers: z
      .array(
        z.object({
          last_unit: z.union([z.number(), z.string()]),
          unit_price: z.number().nullish(),
          unit_price_decimal: z.string().nullish(),
          fixed_fee: z.number().nullish(),
        }),
      )
      .nullish(),
    renewal_interval_unit: z.enum(['day', 'week', 'month', 'year']).nullish(),
    renewal_interval_quantity: z.number().int().positive().nullish(),
  }),
)
type Price = z.infer<typeof Price>
/** An order, or the invoice of a renewal. */
const Sale = z.lazy(() =>
  z.object({
    attributes: z.object({
      status: z.string(),
      billing_reason: z.string().nullish(),
      currency: z.string(),
      total: z.number(),
      refunded_amount: z.number().nullish(),
      created_at: z.string(),
      test_mode: z.boolean(),
    }),
  }),
)
type Sale = z.infer<typeof Sale>
const listOf = <T extends z.ZodType>(item: T) =>
  z.object({
    data: z.array(item),
    meta: z.object({ page: z.object({ currentPage: z.number(), lastPage: z.number() }) }),
  })

const options = { headers: { accept: 'application/vnd.api+json' } }
/** Prices come one by one. */
const mostPrices = 30

/** All of a list, by pages; `isEnough`: nothing behind this page is wanted. */
async function all<T>(
  path: string,
  item: z.ZodType<T>,
  ask: Asking,
  isEnough: (page: T[]) => boolean = () => false,
) {
  const { store } = ask.account
  const whole = `${path}${path.includes('?') ? '&' : '?'}page[size]=100${store === undefined ? '' : `&filter[store_id]=${store}`}`
  const { pages, more } = await ask.pages(
    whole,
    listOf(item),
    ({ data, meta: { page } }) =>
      page.currentPage >= page.lastPage || isEnough(data)
        ? null
        : `${whole}&page[number]=${page.currentPage + 1}`,
    options,
  )
  return { items: pages.flatMap(({ data }) => data), more }
}

const stores = (ask: Asking) => ask.get('/v1/stores?page[size]=100', listOf(Store), options)

/** What goes on: cancelled ones until they end, none that is paused or a test. */
async function subscriptions(ask: Asking) {
  const lists = await Promise.all(
    ['active', 'past_due', 'cancelled', 'on_trial'].map((status) =>
      all(`/v1/subscriptions?filter[status]=${status}`, Subscription, ask),
    ),
  )
  const real = lists.map(({ items }) => items.map((one) => one.attributes).filter((one) => !one.test_mode))
  const [active = [], pastDue = [], cancelled = [], trials = []] = real
  const ending = cancelled.filter(({ ends_at }) => ends_at && Date.parse(ends_at) > ask.now())
  return {
    counted: [...active, ...pastDue, ...ending].filter(({ pause }) => !pause),
    trials: trials.length,
    more: lists.some(({ more }) => more),
  }
}

/** Newest first, as the service has them, so that what is older than `since` need not be read. */
async function sales(since: number, ask: Asking) {
  const isBefore = ({ attributes }: Sale) => Date.parse(attributes.created_at) < since
  const isEnough = (page: Sale[]) => page.every(isBefore)
  const [orders, invoices] = await Promise.all([
    all('/v1/orders', Sale, ask, isEnough),
    all('/v1/subscription-invoices', Sale, ask, isEnough),
  ])
  // The first bill of a subscription is an order as well.
  const renewals = invoices.items.filter(({ attributes }) => attributes.billing_reason !== 'initial')
  const cut = [orders, invoices].filter(({ more }) => more).flatMap(({ items }) => items.slice(-1))
  const begin = cut.map(({ attributes }) => Date.parse(attributes.created_at))
  const paid = ['paid', 'refunded', 'partial_refund']
  return {
    all: [...orders.items, ...renewals]
      .filter((one) => !isBefore(one) && !one.attributes.test_mode && paid.includes(one.attributes.status))
      .map(({ attributes }) => attributes),
    paymentsSince: begin.length > 0 ? isoDate(Math.max(...begin)) : null,
  }
}

async function pricesOf(ids: readonly number[], ask: Asking) {
  const found = new Map<number, Price>()
  const One = z.object({ data: z.object({ attributes: Price }) })
  for (const id of [...new Set(ids)].slice(0, mostPrices))
    found.set(id, (await ask.get(`/v1/prices/${id}`, One, options)).data.attributes)
  return found
}

/** In the smallest unit of the store's currency; null: by usage. */
function monthlyOf(price: Price, quantity: number): number | null {
  if (price.usage_aggregation || !price.renewal_interval_unit) return null
  const interval: Interval = {
    unit: price.renewal_interval_unit,
    count: price.renewal_interval_quantity ?? 1,
  }
  const unit = decimal(price.unit_price_decimal, price.unit_price)
  if (price.scheme === 'standard') return monthly(unit * quantity, interval)
  if (price.scheme === 'package')
    return monthly(unit * Math.ceil(quantity / (price.package_size ?? 1)), interval)
  const tiers = (price.tiers ?? []).map((tier) => ({
    upTo: typeof tier.last_unit === 'number' ? tier.last_unit : null,
    unit: decimal(tier.unit_price_decimal, tier.unit_price),
    flat: tier.fixed_fee ?? 0,
  }))
  return monthly(tieredAmount(tiers, price.scheme, quantity), interval)
}

async function find({ range }: { range: Range }, ask: Asking): Promise<Revenue> {
  const { since, from, to } = daysOf(range, ask.now())
  const [known, running, sold] = await Promise.all([stores(ask), subscriptions(ask), sales(since, ask)])
  const currencies = new Map(known.data.map(({ id, attributes }) => [id, attributes.currency]))
  const ids = running.counted.flatMap((one) => one.first_subscription_item?.price_id ?? [])
  const prices = await pricesOf(ids, ask)
  const book = new Book()
  const uncounted = { byUsage: 0, unreadable: 0 }
  for (const { store_id, customer_id, first_subscription_item: item } of running.counted) {
    const currency = currencies.get(String(store_id))
    const price = item ? prices.get(item.price_id) : undefined
    if (!item || currency === undefined || price === undefined) {
      uncounted.unreadable += 1
      continue
    }
    const amount = monthlyOf(price, item.quantity)
    if (amount === null) uncounted.byUsage += 1
    book.subscription(currency, String(customer_id), amount ?? 0)
  }
  for (const { currency, total, refunded_amount } of sold.all)
    book.add(currency, { gross: total, refunds: refunded_amount ?? 0 })
  return {
    ...{ range, from, to, currencies: book.currencies({ knowsFees: false }) },
    ...{ subscribers: book.subscribers, trials: running.trials },
    uncounted: { ...uncounted, olderSubscriptions: running.more, paymentsSince: sold.paymentsSince },
  }
}

export const lemonSqueezy = defineConnector({
  slug: 'lemon-squeezy',
  name: 'Lemon Squeezy',
  family: families.revenue,
  about: saidLater('connector.lemon-squeezy.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#6b4fc9"/><ellipse cx="16" cy="16" rx="8.500" ry="6" transform="rotate(-35 16 16)" fill="none" stroke="#fff" stroke-width="2.2"/><path d="M12 19l8-6" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/></svg>',
  baseUrl: 'https://api.lemonsqueezy.com',
  headers: ({ key }) => ({ authorization: `Bearer ${key}` }),
  fields,
  tools: [defineRevenue(fields, find)],
  examples: revenueExamples,
  async test(ask) {
    const { data } = await stores(ask)
    const names = data.map(({ attributes }) => attributes.name).join(', ')
    return saidLater('connector.lemon-squeezy.works', { count: data.length, names })
  },
})
