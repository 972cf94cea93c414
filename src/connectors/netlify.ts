import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'
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
import { listField, secretField, type ValuesOf } from './kit/fields.ts'
import type { Looked, ServiceEvent } from './kit/service-events.ts'

const fields = {
  key: secretField({
    label: saidLater('connector.netlify.key.label'),
    hint: saidLater('connector.netlify.key.hint'),
    required: true,
    // Its tokens can do what their owner can.
  }),
  sites: listField({
    label: saidLater('connector.netlify.sites.label'),
    hint: saidLater('connector.netlify.sites.hint'),
    placeholder: 'my-site.netlify.app',
    item: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,250}$/),
    most: 10,
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Sites = z.lazy(() => z.array(z.object({ id: z.string(), name: z.string() })))
const Deploys = z.lazy(() =>
  z.array(
    z.object({
      id: z.string().nullish(),
      name: z.string().nullish(),
      state: z.string(),
      context: z.string().nullish(),
      branch: z.string().nullish(),
      title: z.string().nullish(),
      created_at: z.string(),
      published_at: z.string().nullish(),
      commit_ref: z.string().nullish(),
      deploy_ssl_url: z.string().nullish(),
      error_message: z.string().nullish(),
    }),
  ),
)

/** Where no sites are named: those that changed last. */
const sitesAsked = 5

function stateOf({ state, error_message }: z.infer<typeof Deploys>[number]): Deployment['state'] {
  if (state === 'ready') return 'ready'
  // A build that somebody stopped, or that was not needed, is an error there too.
  if (state === 'error') return /cancel/i.test(error_message ?? '') ? 'canceled' : 'failed'
  if (state === 'enqueued' || state === 'new' || state === 'pending_review') return 'queued'
  return /^(?:building|processing|processed|prepar|upload|retrying|accepted)/.test(state)
    ? 'building'
    : 'unknown'
}

/** Of the sites that are named, or of those that changed last. */
async function deploysOf(ask: Asking, production: boolean) {
  const sites =
    ask.account.sites ??
    (await ask.get(`/api/v1/sites?per_page=${sitesAsked}&sort_by=updated_at`, Sites)).map(({ id }) => id)
  const found = await Promise.all(
    sites.slice(0, ask.account.sites ? sites.length : sitesAsked).map((site) =>
      ask.get(
        `/api/v1/sites/${encodeURIComponent(site)}/deploys?per_page=20${production ? '&production=true' : ''}`,
        Deploys,
        {
          notFound: () => new HostError({ code: 'not-found', says: 'not-found-netlify', params: { site } }),
        },
      ),
    ),
  )
  return found.flat()
}

async function find({ production }: { production: boolean }, ask: Asking): Promise<Deployment[]> {
  return (await deploysOf(ask, production)).map((one) => ({
    ...{ project: one.name ?? '', production: one.context === 'production', state: stateOf(one) },
    ...{ said: one.error_message ?? one.state, at: new Date(one.created_at).toISOString() },
    ...{ url: one.deploy_ssl_url ?? null, commit: commitLine(one.title), branch: one.branch ?? null },
  }))
}

/** Those that are over, one way or the other. */
async function events(ask: Asking, _looked: Looked): Promise<ServiceEvent[]> {
  return (await deploysOf(ask, false)).flatMap((one) => {
    const state = stateOf(one)
    if (!one.id || (state !== 'ready' && state !== 'failed')) return []
    return deploymentEvent({
      ...{ id: one.id, at: Date.parse(one.published_at ?? one.created_at), project: one.name ?? '' },
      ...{ environment: one.context === 'production' ? 'production' : 'preview', failed: state === 'failed' },
      ...{ commit: one.title, sha: one.commit_ref, url: one.deploy_ssl_url ?? null },
    })
  })
}

export const netlify = defineConnector({
  slug: 'netlify',
  name: 'Netlify',
  family: families.deployments,
  about: saidLater('connector.netlify.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f6f70"/><path d="M16 6v7M16 19v7M6 16h7M19 16h7M16 13l3 3-3 3-3-3z" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  baseUrl: 'https://api.netlify.com',
  headers: ({ key }) => ({ authorization: `Bearer ${key}` }),
  fields,
  events,
  tools: [defineDeployments(fields, find)],
  examples: deploymentExamples,
  async test(ask) {
    const found = await ask.get(`/api/v1/sites?per_page=${sitesAsked}&sort_by=updated_at`, Sites)
    return saidLater('connector.netlify.works', { count: found.length, site: found[0]?.name ?? '' })
  },
})
