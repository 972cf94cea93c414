import * as z from 'zod'
import { Grant } from '../../contract/access.ts'
import { api } from '../../contract/api.ts'
import { Status } from '../../contract/status.ts'
import type { RestRoute } from './rest-route.ts'

const grantAnswer = { status: 200, description: 'The entry as it is now.', schema: Grant } as const
/** As text, which is how a query comes. */
const Minutes = z.object({ minutes: api['grants.pause'].input.shape.minutes })
const Raising = z.object({ endAllAccess: z.enum(['true', 'false']).default('false') })

/** Who may come in, and how to stop that. Nothing here gives anybody more than the owner gave. */
export const accessRoutes: readonly RestRoute[] = [
  {
    method: 'get',
    path: '/access',
    operationId: 'listAccess',
    summary: 'The entries of the Access page: clients that were let in, and keys',
    answer: {
      status: 200,
      description: 'All entries. Tokens and keys are never in an answer.',
      schema: z.object({ access: z.array(Grant) }),
    },
    errors: [],
    run: async (_request, ask) => ({ access: await ask('grants.list', undefined) }),
  },
  {
    method: 'post',
    path: '/access/{id}/pause',
    operationId: 'pauseAccess',
    summary: 'Refuse the calls of one entry for a while',
    description:
      'An hour without `minutes`. What it has going on ends at once. It goes on by itself afterwards.',
    query: Minutes,
    answer: grantAnswer,
    errors: [404],
    run: ({ id, query }, ask) =>
      ask('grants.pause', {
        id,
        ...(query.minutes !== undefined && { minutes: Number(query.minutes || Number.NaN) }),
      }),
  },
  {
    method: 'post',
    path: '/access/{id}/resume',
    operationId: 'resumeAccess',
    summary: 'End a pause',
    description: 'The owner is told of it in the app.',
    answer: grantAnswer,
    errors: [404],
    run: ({ id }, ask) => ask('grants.resume', { id }),
  },
  {
    method: 'post',
    path: '/bridge/raise',
    operationId: 'raiseBridge',
    summary: 'Cut everybody off at once; only the owner can lower the bridge again',
    description:
      'With `endAllAccess=true` nobody comes back either: every client must be let in anew, every key made anew, the one for this interface included.',
    query: Raising,
    answer: { status: 200, description: 'The bridge is raised.', schema: Status },
    errors: [],
    run: ({ query }, ask) => ask('bridge.raise', { endAllAccess: flag(query.endAllAccess) }),
  },
]

/** Anything but the two words is left for the contract to refuse. */
const flag = (text: string | undefined): boolean =>
  text === undefined || text === 'false' ? false : text === 'true' || (text as unknown as boolean)
