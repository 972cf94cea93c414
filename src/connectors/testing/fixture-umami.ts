import { type FixtureAnswer, startFixture } from './fixture.ts'

export const website = '86d4095c-a2a8-4fc8-9521-103e858e2b41'

/** For tests: Umami's API as documented: the cloud (`x-umami-api-key`), or below `/api` a server of one's own with its sign-in. */
export const startFixtureUmami = (stats: object, referrers: { x: string; y: number }[]) =>
  startFixture(({ method, path, headers, query, body }): FixtureAnswer => {
    const own = path.startsWith('/api/')
    const at = own ? path.slice(4) : path
    if (own && method === 'POST' && at === '/auth/login') {
      const { username, password } = body as { username: string; password: string }
      if (username !== 'viewer' || password !== 'right')
        return { status: 401, body: 'message.incorrect-username-password' }
      return { body: { token: 'token-of-viewer', user: { id: 'u', username, role: 'view-only' } } }
    }
    const isIn = own
      ? headers.authorization === 'Bearer token-of-viewer'
      : headers['x-umami-api-key'] === 'right'
    if (!isIn) return { status: 401, body: { error: 'unauthorized' } }
    if (!(Number(query.get('endAt')) > Number(query.get('startAt')))) return { status: 400, body: {} }
    if (at === `/websites/${website}/stats`) return { body: stats }
    if (at === `/websites/${website}/metrics` && query.get('type') === 'referrer') return { body: referrers }
    return { status: 404, body: { error: 'not-found' } }
  })
