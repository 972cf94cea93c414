import * as z from 'zod'
import { HostError } from '../kernel/errors.ts'
import { type Connector, defineTool } from './kit/connector.ts'

const Repository = z.object({
  full_name: z.string(),
  html_url: z.url({ protocol: /^https?$/ }),
  stargazers_count: z.number().int(),
  forks_count: z.number().int(),
  open_issues_count: z.number().int(),
  subscribers_count: z.number().int(),
})

/** GitHub's REST API, "Get a repository". Works without an account at 60 questions an hour. */
const getGithubStars = defineTool({
  name: 'get_github_stars',
  title: 'GitHub stars',
  description:
    'Stars, forks, open issues (which include pull requests) and watchers of a public GitHub repository, as of now.',
  input: z.strictObject({
    repository: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/,
        'must look like owner/name',
      )
      .describe('The repository as owner/name, for example nodejs/node'),
  }),
  output: z.object({
    repository: z.string(),
    url: z.string(),
    stars: z.number().int(),
    forks: z.number().int(),
    openIssues: z.number().int().describe('Open issues and open pull requests together'),
    subscribers: z.number().int().describe('People who watch the repository'),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
  path({ repository }) {
    const [owner, name] = repository.split('/')
    return `/repos/${encodeURIComponent(owner!)}/${encodeURIComponent(name!)}`
  },
  read(body) {
    const found = Repository.parse(body)
    return {
      repository: found.full_name,
      url: found.html_url,
      stars: found.stargazers_count,
      forks: found.forks_count,
      openIssues: found.open_issues_count,
      subscribers: found.subscribers_count,
    }
  },
  say: (found) =>
    `${found.repository} has ${count(found.stars, 'star')}, ${count(found.forks, 'fork')}, ${count(found.openIssues, 'open issue')} (pull requests included) and ${count(found.subscribers, 'watcher')}.`,
  notFound: ({ repository }) =>
    new HostError({
      code: 'not-found',
      message: `There is no public repository ${repository} on GitHub.`,
      hint: 'Check the spelling of owner/name. Private repositories cannot be seen.',
    }),
})

const count = (number: number, what: string) =>
  `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`

export const github: Connector = {
  slug: 'github',
  name: 'GitHub',
  baseUrl: 'https://api.github.com',
  tools: [getGithubStars],
}
