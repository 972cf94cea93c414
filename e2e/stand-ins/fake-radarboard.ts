import { randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { type Entry, type FakeProduct, type PlannedTool, startFakeProduct } from './fake-product.ts'

/**
 * Radarboard as its guide "ChatGPT Connector" has it: /api/mcp, /api/oauth/*, the scope read, a page that is shown once, tokens of a year
 * signed with RADARBOARD_API_SECRET. Not in the guide: the shape of what its tools answer.
 */
export interface FakeRadarboard extends FakeProduct {
  /** "Make sure it is listed in your connector’s allowed redirect URIs." */
  allowRedirect(uri: string): void
  /** Another RADARBOARD_API_SECRET. */
  rotateSecret(): void
}

const openAi = [/^https:\/\/chatgpt\.com\/connector\/oauth\/[\w-]+$/, /^https:\/\/platform\.openai\.com\//]
const ranges = ['7d', '30d', '3m', '1y']
const tool = (
  name: string,
  description: string,
  answer: object,
  choices: PlannedTool['choices'] = {},
): PlannedTool => ({
  ...{ name, description, scope: 'read', choices },
  answer: (args) => ({ ...args, ...answer }),
})

const tools = [
  tool(
    'get_revenue',
    'MRR, gross revenue, net revenue, subscriber count',
    { mrr: 1_200, gross: 1_350, net: 1_290, subscribers: 48 },
    { range: ranges },
  ),
  tool(
    'get_analytics',
    'Pageviews, unique visitors, sessions, referrers',
    { pageviews: 900, visitors: 300, sessions: 410, referrers: ['search.example'] },
    { range: ranges },
  ),
  tool('get_sentry_issues', 'Unresolved Sentry errors and project health', { unresolved: 1 }),
  tool('get_health_checks', 'BetterStack uptime monitor statuses', {
    monitors: [{ name: 'Shop', up: true }],
  }),
  tool('get_vercel_deployments', 'Recent production deployments and build status', {
    latest: { project: 'shop', state: 'READY' },
  }),
  tool('get_github_stars', 'GitHub repo stats: stars, forks, open issues', { stars: 12, forks: 3, open: 1 }),
  tool(
    'get_npm_downloads',
    'NPM package download counts',
    { downloads: 5_000 },
    { range: ['last-week', 'last-month', 'last-year'] },
  ),
]

export async function startFakeRadarboard(): Promise<FakeRadarboard> {
  const allowed = new Set<string>()
  let secret = randomBytes(32)
  const product = await startFakeProduct({
    name: 'Radarboard',
    paths: {
      ...{ mcp: '/api/mcp', authorize: '/api/oauth/authorize' },
      ...{ token: '/api/oauth/token', register: '/api/oauth/register' },
    },
    hasResourceMetadata: true,
    scopes: ['read'],
    remembersApproval: true,
    takesRedirect: (uri) => allowed.has(uri) || openAi.some((one) => one.test(uri)),
    tools,
    tokens: {
      make: (entry) =>
        new SignJWT({ ...entry }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1y').sign(secret),
      read: async (token) =>
        jwtVerify<Entry>(token, secret).then(
          ({ payload }) => payload,
          () => null,
        ),
    },
  })
  return Object.assign(product, {
    allowRedirect: (uri: string) => void allowed.add(uri),
    rotateSecret: () => {
      secret = randomBytes(32)
    },
  })
}
