import { type FixtureAnswer, startFixture } from './fixture.ts'

interface Thing {
  id: string
  [more: string]: unknown
}
interface Stock {
  subscriptions: (Thing & {
    status: string
    discounts: Thing[]
    items: { data: (Thing & { discounts: Thing[] })[] }
  })[]
  transactions: (Thing & { created: number })[]
  /** By price. */
  tiers: Record<string, object[]>
}

/**
 * For tests: Stripe's REST API as documented, of one account: `GET /v1/subscriptions` (without those that ended), `/v1/prices/{id}`,
 * `/v1/balance_transactions`; pages by `starting_after`, `expand[]`, errors. Pages have `largest` entries at most, so that there are some.
 */
export const startFixtureStripe = (stock: Stock, largest = 15) =>
  startFixture(({ method, path, query, headers }): FixtureAnswer => {
    const refuse = (status: number, message: string) => ({
      status,
      body: { error: { type: 'invalid_request_error', message } },
    })
    if (headers.authorization !== 'Bearer rk_live_right') return refuse(401, 'Invalid API Key provided')
    if (headers['stripe-version'] !== '2024-06-20') return refuse(400, 'Invalid Stripe API version')
    if (method !== 'GET') return refuse(403, 'The provided key does not have the required permissions')
    const expand = query.getAll('expand[]')
    const isExpanded = (name: string) => expand.some((one) => one === name || one.startsWith(`${name}.`))
    const price = /^\/v1\/prices\/(\w+)$/.exec(path)?.[1]
    if (price !== undefined) {
      const tiers = stock.tiers[price]
      if (!tiers) return refuse(404, `No such price: '${price}'`)
      return { body: { id: price, object: 'price', ...(expand.includes('tiers') && { tiers }) } }
    }
    const list = (all: readonly Thing[]) => {
      const after = query.get('starting_after')
      const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
      const size = Math.min(Number(query.get('limit') ?? 10), largest)
      const data = all.slice(from, from + size)
      return { body: { object: 'list', url: path, data, has_more: from + size < all.length } }
    }
    if (path === '/v1/balance_transactions') {
      const since = Number(query.get('created[gte]') ?? 0)
      const until = Number(query.get('created[lt]') ?? Number.POSITIVE_INFINITY)
      return list(stock.transactions.filter(({ created }) => created >= since && created < until))
    }
    if (path !== '/v1/subscriptions') return refuse(404, `Unrecognized request URL (GET: ${path})`)
    const idsUnless = (expanded: boolean, all: Thing[]) => (expanded ? all : all.map(({ id }) => id))
    return list(
      stock.subscriptions
        .filter(({ status }) => status !== 'canceled' && status !== 'incomplete_expired')
        .map((one) => ({
          ...one,
          discounts: idsUnless(isExpanded('data.discounts'), one.discounts),
          items: {
            ...one.items,
            data: one.items.data.map((item) => ({
              ...item,
              discounts: idsUnless(isExpanded('data.items.data.discounts'), item.discounts),
            })),
          },
        })),
    )
  })
