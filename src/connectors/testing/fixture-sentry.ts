import { type FixtureAnswer, startFixture } from './fixture.ts'

/** For tests: Sentry's `GET /api/0/organizations/{org}/issues/` as documented, of one organization; pages by `Link`, at another region's address. */
export const startFixtureSentry = (issues: object[], largest = 100) =>
  startFixture(({ method, path, query, headers }, url): FixtureAnswer => {
    if (headers.authorization !== 'Bearer right') return { status: 401, body: { detail: 'Invalid token' } }
    if (method !== 'GET' || path !== '/api/0/organizations/my-company/issues/')
      return { status: 404, body: { detail: 'The requested resource does not exist' } }
    if (query.get('query') !== 'is:unresolved' || query.get('project') !== '-1')
      return { status: 400, body: { detail: 'Error parsing search query' } }
    const size = Math.min(Number(query.get('limit') ?? 25), largest)
    const [, from = '0'] = (query.get('cursor') ?? '0:0:0').split(':')
    const at = Number(from)
    const link = (rel: string, to: number, more: boolean) =>
      `<${url.replace('127.0.0.1', 'us.sentry.example')}${path}?&cursor=0:${to}:0>; rel="${rel}"; results="${more}"; cursor="0:${to}:0"`
    const links = [
      link('previous', Math.max(0, at - size), at > 0),
      link('next', at + size, at + size < issues.length),
    ]
    return { headers: { link: links.join(', ') }, body: issues.slice(at, at + size) }
  })
