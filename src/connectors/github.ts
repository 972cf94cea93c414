import * as z from 'zod'
import { saidLater, say } from '../../locales/say.ts'
import { visibleLine } from '../contract/agreed/visible-text.ts'
import { HostError } from '../kernel/errors.ts'
import { counted } from '../mcp/own-words.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector, defineTool } from './kit/connector.ts'
import { listField, type ValuesOf } from './kit/fields.ts'
import type { Looked, ServiceEvent } from './kit/service-events.ts'

const RepositoryName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, 'must look like owner/name')

const fields = {
  repositories: listField({
    label: saidLater('connector.github.repositories.label'),
    hint: saidLater('connector.github.repositories.hint'),
    placeholder: 'nodejs/node',
    item: RepositoryName,
    mismatch: saidLater('connector.github.repositories.mismatch'),
    most: 20,
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Repository = z.object({
  full_name: z.string(),
  html_url: z.url({ protocol: /^https?$/ }),
  stargazers_count: z.number().int(),
  forks_count: z.number().int(),
  open_issues_count: z.number().int(),
  subscribers_count: z.number().int(),
})

const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }

function pathOf(repository: string): string {
  const [owner, name] = repository.split('/')
  return `/repos/${encodeURIComponent(owner!)}/${encodeURIComponent(name!)}`
}

/** GitHub's REST API, "Get a repository". Works without an account at 60 questions an hour. */
async function about(repository: string, ask: Asking) {
  const found = await ask.get(pathOf(repository), Repository, {
    headers,
    notFound: () => new HostError({ code: 'not-found', says: 'not-found-github', params: { repository } }),
  })
  return {
    repository: found.full_name,
    url: found.html_url,
    stars: found.stargazers_count,
    forks: found.forks_count,
    openIssues: found.open_issues_count,
    subscribers: found.subscribers_count,
  }
}

const counts = {
  stars: z.number().int(),
  forks: z.number().int(),
  openIssues: z.number().int().describe('Open issues and open pull requests together'),
  subscribers: z.number().int().describe('People who watch the repository'),
}
const One = z.object({ repository: z.string(), url: z.string(), ...counts })
const All = z.object({
  repository: z.string().optional(),
  url: z.string().optional(),
  ...counts,
  repositories: z
    .array(One)
    .optional()
    .describe('Where several were asked for: each; the numbers above are sums'),
})

const getGithubStars = defineTool(fields, {
  name: 'get_github_stars',
  title: 'GitHub stars',
  description:
    'Stars, forks, open issues (which include pull requests) and watchers of a public GitHub repository, as of now.',
  input: z.strictObject({
    repository: RepositoryName.describe('The repository as owner/name, for example nodejs/node'),
  }),
  standIns: { repository: 'repositories' },
  output: All,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async answer({ repository }, ask): Promise<z.infer<typeof All>> {
    const names = repository === undefined ? ask.account.repositories! : [repository]
    const found = await Promise.all(names.map((name) => about(name, ask)))
    if (found.length === 1) return found[0]!
    const sum = (of: (one: z.infer<typeof One>) => number) => found.reduce((all, one) => all + of(one), 0)
    return {
      stars: sum((one) => one.stars),
      forks: sum((one) => one.forks),
      openIssues: sum((one) => one.openIssues),
      subscribers: sum((one) => one.subscribers),
      repositories: found,
    }
  },
  say: (found) =>
    `${found.repository ?? `Together, ${found.repositories!.map((one) => one.repository).join(', ')}`} ${found.repository ? 'has' : 'have'} ${counted(found.stars, 'star')}, ${counted(found.forks, 'fork')}, ${counted(found.openIssues, 'open issue')} (pull requests included) and ${counted(found.subscribers, 'watcher')}.`,
})

const Releases = z.lazy(() =>
  z.array(
    z.object({
      id: z.number(),
      tag_name: z.string(),
      name: z.string().nullish(),
      html_url: z.string(),
      draft: z.boolean(),
      prerelease: z.boolean(),
      published_at: z.string().nullish(),
    }),
  ),
)

/** Of sixty questions an hour, those that nothing changed since cost none. */
const releasesAsked = 3

/** "List releases" of the account's repositories; drafts are nobody's business yet. */
async function events(ask: Asking, { since }: Looked): Promise<ServiceEvent[]> {
  const repositories = (ask.account.repositories ?? []).slice(0, releasesAsked)
  const found = await Promise.all(
    repositories.map(async (repository) => {
      const path = `${pathOf(repository)}/releases?per_page=10`
      const releases = await ask.get(path, Releases, { headers })
      return releases.map((one) => ({ repository, ...one }))
    }),
  )
  return found.flat().flatMap((one): ServiceEvent[] => {
    const at = Date.parse(one.published_at ?? '')
    if (one.draft || Number.isNaN(at) || at < since) return []
    const version = visibleLine(one.tag_name).slice(0, 100)
    return [
      {
        ...{ id: String(one.id), at, kind: 'release', subject: one.repository, version, url: one.html_url },
        title: say('happened.released', { repository: one.repository, version }),
        ...{ environment: one.prerelease ? 'preview' : null, severity: 'info' },
      },
    ]
  })
}

export const github = defineConnector({
  slug: 'github',
  name: 'GitHub',
  about: saidLater('connector.github.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">  <title>GitHub</title>  <rect width="32" height="32" rx="8" fill="#2b2f36"/>  <g fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round">    <circle cx="11" cy="9" r="2.6"/>    <circle cx="11" cy="23" r="2.6"/>    <circle cx="21.5" cy="12" r="2.6"/>    <path d="M11 11.8v8.4M21.5 14.8c0 4-4.5 4.4-8 5.6"/>  </g></svg>',
  baseUrl: 'https://api.github.com',
  fields,
  events,
  tools: [getGithubStars],
  examples: [
    saidLater('connector.github.example.stars'),
    saidLater('connector.github.example.issues'),
    saidLater('connector.github.example.compare'),
  ],
  async test(ask) {
    const [first] = ask.account.repositories ?? []
    if (first === undefined) {
      await ask.get('/rate_limit', z.object({}))
      return saidLater('connector.github.worksWithout')
    }
    const { repository, stars } = await about(first, ask)
    return saidLater('connector.github.works', { repository, stars: stars.toLocaleString('en') })
  },
})
