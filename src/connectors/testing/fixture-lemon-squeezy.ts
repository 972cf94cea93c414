import { type FixtureAnswer, startFixture } from './fixture.ts'

interface Thing {
  id: string
  attributes: { store_id?: number; status?: string; [more: string]: unknown }
}
export interface Shelves {
  stores: Thing[]
  subscriptions: Thing[]
  orders: Thing[]
  'subscription-invoices': Thing[]
  prices: Thing[]
}

/** For tests: Lemon Squeezy's API as documented (JSON:API): lists with `filter[…]` and `page[…]`, newest first, and `/v1/prices/{id}`. */
export const startFixtureLemonSqueezy = (shelves: Shelves, largest = 100) =>
  startFixture(({ method, path, query, headers }): FixtureAnswer => {
    const refuse = (status: number, title: string) => ({
      ...{ status, body: { jsonapi: { version: '1.0' }, errors: [{ status: String(status), title }] } },
    })
    if (headers.authorization !== 'Bearer right') return refuse(401, 'Unauthorized')
    if (headers.accept !== 'application/vnd.api+json') return refuse(400, 'Bad Request')
    const [, name, id] = /^\/v1\/([a-z-]+)(?:\/(\d+))?$/.exec(path) ?? []
    const shelf = shelves[name as keyof Shelves]
    if (method !== 'GET' || shelf === undefined) return refuse(404, 'Not Found')
    if (id !== undefined) {
      const data = shelf.find((one) => one.id === id)
      return data ? { body: { data } } : refuse(404, 'Not Found')
    }
    const wanted = (key: 'status' | 'store_id', { attributes }: Thing) => {
      const filter = query.get(`filter[${key}]`)
      return filter === null || String(attributes[key]) === filter
    }
    const seen = shelf.filter((one) => wanted('status', one) && wanted('store_id', one))
    const size = Math.min(Number(query.get('page[size]') ?? 10), largest)
    const currentPage = Number(query.get('page[number]') ?? 1)
    const lastPage = Math.max(1, Math.ceil(seen.length / size))
    return {
      body: {
        meta: { page: { currentPage, lastPage, perPage: size, total: seen.length } },
        data: seen.slice((currentPage - 1) * size, currentPage * size),
      },
    }
  })
