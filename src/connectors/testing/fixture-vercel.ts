import { type FixtureAnswer, startFixture } from './fixture.ts'

interface Deployment {
  created: number
  target: string | null
  teamId?: string
  [more: string]: unknown
}

/** For tests: Vercel's `GET /v6/deployments` as documented, newest first, pages by `until`, from `since` on; those of a team are seen with its id only. */
export const startFixtureVercel = (all: Deployment[], largest = 100) =>
  startFixture(({ method, path, query, headers }): FixtureAnswer => {
    const refuse = (status: number, code: string) => ({ status, body: { error: { code, message: code } } })
    // An unknown token is "forbidden" too, with a flag.
    if (headers.authorization !== 'Bearer right')
      return {
        status: 403,
        body: { error: { code: 'forbidden', message: 'Not authorized', invalidToken: true } },
      }
    if (method !== 'GET' || path !== '/v6/deployments') return refuse(404, 'not_found')
    const team = query.get('teamId') ?? undefined
    if (team !== undefined && team !== 'team_1') return refuse(403, 'forbidden')
    const until = Number(query.get('until') ?? Number.POSITIVE_INFINITY)
    const since = Number(query.get('since') ?? 0)
    const seen = all.filter(
      ({ teamId, target, created }) =>
        teamId === team && created < until && created >= since && (query.get('target') ?? target) === target,
    )
    const deployments = seen.slice(0, Math.min(Number(query.get('limit') ?? 20), largest))
    const next = deployments.length < seen.length ? deployments.at(-1)!.created : null
    return { body: { deployments, pagination: { count: deployments.length, next, prev: null } } }
  })
