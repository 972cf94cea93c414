import { type FakeProduct, type PlannedTool, startFakeProduct } from './fake-product.ts'

/**
 * OpsTrails as its guide "ChatGPT" has it: /api/mcp/mcp, signing in, choosing an organization, and an entry "MCP — …" among its keys, which
 * reads only and ends when it is deleted. Not in the guide: where apps register, the names of the tools ("event queries, metric
 * lookups"), and what they answer.
 */
const events: Record<string, { at: string; title: string; environment: string }[]> = {
  Acme: [
    { at: '2026-11-28T09:00:00Z', title: 'Deployed 1.4.2', environment: 'production' },
    { at: '2026-11-28T09:20:00Z', title: 'Error rate above 2 %', environment: 'production' },
    { at: '2026-11-27T16:00:00Z', title: 'Deployed 1.5.0-rc1', environment: 'staging' },
  ],
  Other: [{ at: '2026-11-28T10:00:00Z', title: 'Deployed the other one', environment: 'production' }],
}

const tools: PlannedTool[] = [
  {
    name: 'query_events',
    description: 'Events of the operational timeline',
    scope: 'read',
    choices: { environment: ['production', 'staging'] },
    answer: ({ environment }, { organization }) =>
      (events[organization ?? ''] ?? []).filter(
        (event) => environment === undefined || event.environment === environment,
      ),
  },
  {
    name: 'get_metric',
    description: 'A metric around an event',
    scope: 'read',
    answer: (_args, { organization }) =>
      organization === 'Acme' ? { metric: 'error rate', before: 0.004, after: 0.023 } : {},
  },
]

export const startFakeOpsTrails = (): Promise<FakeProduct> =>
  startFakeProduct({
    name: 'OpsTrails',
    paths: {
      ...{ mcp: '/api/mcp/mcp', authorize: '/oauth/authorize' },
      ...{ token: '/oauth/token', register: '/oauth/register' },
    },
    hasResourceMetadata: true,
    scopes: ['read'],
    organizations: ['Acme', 'Other'],
    takesRedirect: () => true,
    tools,
  })
