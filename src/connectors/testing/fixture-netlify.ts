import { type FixtureAnswer, startFixture } from './fixture.ts'

/** For tests: Netlify's `GET /api/v1/sites` and `/sites/{id or domain}/deploys` as documented. */
export const startFixtureNetlify = (sites: Record<string, { context: string; [more: string]: unknown }[]>) =>
  startFixture(({ method, path, query, headers }): FixtureAnswer => {
    if (headers.authorization !== 'Bearer right')
      return { status: 401, body: { code: 401, message: 'Access Denied: Origin Header Host Mismatch' } }
    if (method !== 'GET') return { status: 404, body: { code: 404, message: 'Not Found' } }
    const size = Number(query.get('per_page') ?? 100)
    if (path === '/api/v1/sites')
      return {
        body: Object.keys(sites)
          .slice(0, size)
          .map((name) => ({ id: `id-of-${name}`, name, url: `https://${name}.netlify.app` })),
      }
    const wanted = /^\/api\/v1\/sites\/([^/]+)\/deploys$/.exec(path)?.[1]
    const site = Object.keys(sites).find(
      (name) => wanted === `id-of-${name}` || wanted === `${name}.netlify.app`,
    )
    if (site === undefined) return { status: 404, body: { code: 404, message: 'Not Found' } }
    const isWanted = ({ context }: { context: string }) =>
      query.get('production') !== 'true' || context === 'production'
    return { body: sites[site]!.filter(isWanted).slice(0, size) }
  })
