import { importSPKI, jwtVerify } from 'jose'
import { type FixtureAnswer, startFixture } from './fixture.ts'

/** What stands in the row without a dimension. */
const totals = ['screenPageViews', 'totalUsers', 'sessions']

interface Body {
  assertion?: string
  grant_type?: string
  metrics?: { name: string }[]
  dimensions?: { name: string }[]
  dateRanges?: { startDate: string; endDate: string }[]
}

/**
 * For tests: Google's token endpoint for service accounts (signature, audience and scope are checked) and the Analytics Data API's
 * `runReport`, as documented: all values are texts, and without data there are no rows.
 */
export const startFixtureGa4 = (
  publicKey: string,
  at: number,
  rows: Record<string, [string, ...number[]][]>,
) =>
  startFixture(async ({ method, path, headers, body }): Promise<FixtureAnswer> => {
    const sent = (body ?? {}) as Body
    if (method === 'POST' && path === '/token') {
      const isForm = headers['content-type'] === 'application/x-www-form-urlencoded'
      const isRight = sent.grant_type === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
      const token = await jwtVerify(sent.assertion ?? '', await importSPKI(publicKey, 'RS256'), {
        ...{ audience: 'https://oauth2.googleapis.com/token', issuer: 'reader@project.example' },
        currentDate: new Date(at),
      }).catch(() => null)
      if (
        !isForm ||
        !isRight ||
        token?.payload.scope !== 'https://www.googleapis.com/auth/analytics.readonly'
      )
        return { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } }
      return { body: { access_token: 'ya29.right', expires_in: 3_599, token_type: 'Bearer' } }
    }
    const refuse = (code: number, status: string) => ({ status: code, body: { error: { code, status } } })
    if (headers.authorization !== 'Bearer ya29.right') return refuse(401, 'UNAUTHENTICATED')
    if (path !== '/v1beta/properties/42:runReport') return refuse(403, 'PERMISSION_DENIED')
    const found = rows[sent.dimensions?.[0]?.name ?? ''] ?? []
    const answer = found.map(([name, ...values]) => ({
      ...(sent.dimensions && { dimensionValues: [{ value: name }] }),
      metricValues: sent.metrics!.map((metric) => ({
        value: String(sent.dimensions ? values[0] : values[totals.indexOf(metric.name)]),
      })),
    }))
    return {
      body: {
        ...(answer.length > 0 && { rows: answer, rowCount: answer.length }),
        kind: 'analyticsData#runReport',
      },
    }
  })
