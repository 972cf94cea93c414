import { type FixtureAnswer, startFixture } from './fixture.ts'

/** For tests: Better Stack's `GET /api/v2/monitors`, `/heartbeats` and `/incidents` as documented (JSON:API, `pagination.next` is a whole address). */
export const startFixtureBetterStack = (
  lists: { monitors: object[]; heartbeats: object[]; incidents?: { id: string; started_at: string }[] },
  largest = 250,
) =>
  startFixture(({ method, path, query, headers }, url): FixtureAnswer => {
    if (headers.authorization !== 'Bearer right')
      return { status: 401, body: { errors: 'Invalid API token' } }
    const name = /^\/api\/v2\/(monitors|heartbeats|incidents)$/.exec(path)?.[1] as
      | keyof typeof lists
      | undefined
    if (method !== 'GET' || name === undefined) return { status: 404, body: { errors: 'Resource not found' } }
    const size = Math.min(Number(query.get('per_page') ?? 50), largest)
    const page = Number(query.get('page') ?? 1)
    const all: readonly object[] = lists[name] ?? []
    const data = all.slice((page - 1) * size, page * size).map((attributes, index) => ({
      id: String((attributes as { id?: string }).id ?? index),
      type: name.slice(0, -1),
      attributes,
    }))
    const next = page * size < all.length ? `${url}${path}?per_page=${size}&page=${page + 1}` : null
    return { body: { data, pagination: { first: `${url}${path}?page=1`, last: null, prev: null, next } } }
  })
