import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import {
  commitLine,
  type Deployment,
  defineDeployments,
  deploymentEvent,
  deploymentExamples,
} from './families/deployments.ts'
import { families } from './families/families.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { secretField, textField, type ValuesOf } from './kit/fields.ts'
import type { Looked, ServiceEvent } from './kit/service-events.ts'

const fields = {
  key: secretField({
    label: saidLater('connector.vercel.key.label'),
    hint: saidLater('connector.vercel.key.hint'),
    required: true,
    // Its tokens have no rights of their own, only a team.
  }),
  team: textField({
    label: saidLater('connector.vercel.team.label'),
    hint: saidLater('connector.vercel.team.hint'),
    placeholder: 'team_…',
    schema: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
  }),
  project: textField({
    label: saidLater('connector.vercel.project.label'),
    hint: saidLater('connector.vercel.project.hint'),
    placeholder: 'prj_…',
    schema: z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/),
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Page = z.lazy(() =>
  z.object({
    deployments: z.array(
      z.object({
        uid: z.string().nullish(),
        name: z.string(),
        url: z.string().nullish(),
        state: z.string().nullish(),
        readyState: z.string().nullish(),
        target: z.string().nullish(),
        created: z.number(),
        ready: z.number().nullish(),
        meta: z
          .object({
            githubCommitMessage: z.string(),
            githubCommitRef: z.string(),
            githubCommitSha: z.string(),
          })
          .partial()
          .extend({
            gitlabCommitMessage: z.string().optional(),
            gitlabCommitRef: z.string().optional(),
            gitlabCommitSha: z.string().optional(),
          })
          .nullish(),
      }),
    ),
    pagination: z.object({ next: z.number().nullish() }).nullish(),
  }),
)

const states: Readonly<Record<string, Deployment['state']>> = {
  READY: 'ready',
  BUILDING: 'building',
  INITIALIZING: 'building',
  QUEUED: 'queued',
  ERROR: 'failed',
  CANCELED: 'canceled',
}

function pathOf({ team, project }: Asking['account'], limit: number, production: boolean): string {
  const query = new URLSearchParams({ limit: String(limit) })
  if (team !== undefined) query.set('teamId', team)
  if (project !== undefined) query.set('projectId', project)
  if (production) query.set('target', 'production')
  return `/v6/deployments?${query}`
}

async function find({ production }: { production: boolean }, ask: Asking): Promise<Deployment[]> {
  const path = pathOf(ask.account, 20, production)
  const next = ({ pagination }: z.infer<typeof Page>) =>
    pagination?.next ? `${path}&until=${pagination.next}` : null
  // A page may hold less than was asked for: projects that the token may not see are left out of it.
  const { pages } = await ask.pages(path, Page, next, { most: 2 })
  return pages.flatMap(({ deployments: found }) =>
    found.map((one) => {
      const said = one.state ?? one.readyState ?? ''
      const { githubCommitMessage, gitlabCommitMessage, githubCommitRef, gitlabCommitRef } = one.meta ?? {}
      return {
        ...{ project: one.name, production: one.target === 'production', state: states[said] ?? 'unknown' },
        ...{ said, at: new Date(one.created).toISOString(), url: one.url ? `https://${one.url}` : null },
        commit: commitLine(githubCommitMessage ?? gitlabCommitMessage),
        branch: githubCommitRef ?? gitlabCommitRef ?? null,
      }
    }),
  )
}

/** Those that are over, one way or the other. */
async function events(ask: Asking, { since }: Looked): Promise<ServiceEvent[]> {
  const { deployments: found } = await ask.get(`${pathOf(ask.account, 50, false)}&since=${since}`, Page)
  return found.flatMap((one) => {
    const state = states[one.state ?? one.readyState ?? '']
    if (!one.uid || (state !== 'ready' && state !== 'failed')) return []
    const { meta } = one
    return deploymentEvent({
      ...{ id: one.uid, at: one.ready ?? one.created, project: one.name, failed: state === 'failed' },
      environment: one.target ?? 'preview',
      commit: meta?.githubCommitMessage ?? meta?.gitlabCommitMessage,
      sha: meta?.githubCommitSha ?? meta?.gitlabCommitSha,
      url: one.url ? `https://${one.url}` : null,
    })
  })
}

export const vercel = defineConnector({
  slug: 'vercel',
  name: 'Vercel',
  family: families.deployments,
  about: saidLater('connector.vercel.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#16181c"/><path d="M16 8.500 25 23.500H7z" fill="#fff"/></svg>',
  baseUrl: 'https://api.vercel.com',
  headers: ({ key }) => ({ authorization: `Bearer ${key}` }),
  refusesKey: (status, body) => status === 403 && /"invalidToken":\s*true/.test(body),
  fields,
  events,
  tools: [defineDeployments(fields, find)],
  examples: deploymentExamples,
  async test(ask) {
    const { deployments: found } = await ask.get(pathOf(ask.account, 1, false), Page)
    const [newest] = found
    if (newest !== undefined) return saidLater('connector.vercel.works', { project: newest.name })
    return saidLater('connector.vercel.worksWithout')
  },
})
