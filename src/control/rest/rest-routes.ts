import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import { api } from '../../contract/api.ts'
import { Approval } from '../../contract/approvals.ts'
import { Rule } from '../../contract/rules.ts'
import { Server, ServerHealth } from '../../contract/servers.ts'
import { Status } from '../../contract/status.ts'
import { ChangedServer, Difference, Risk, Tool } from '../../contract/tools.ts'
import { HostError } from '../../kernel/errors.ts'
import { accessRoutes } from './access-routes.ts'
import { activityRoutes } from './activity-routes.ts'
import { folderRoutes } from './folder-routes.ts'
import { type Ask, parsedBody, RestRefusal, type RestRoute } from './rest-route.ts'
import { timelineRoutes } from './timeline-routes.ts'

/** Its line has what it was called with, and what lets it be answered. */
const Waiting = Approval.omit({ line: true, lineSeen: true, sentence: true, readBefore: true })

/** Of one server, by its id, else by its short name. Throws RestRefusal 404. */
async function serverOf(ask: Ask, wanted: string): Promise<Server> {
  const all = await ask('servers.list', undefined)
  const found = all.find((one) => one.id === wanted) ?? all.find((one) => one.slug === wanted)
  if (found) return found
  throw new RestRefusal(404, new HostError({ code: 'server-not-found', says: 'rest-no-server' }).reply())
}

/** A server that its owner has looked at and started before. A program must not run what nobody has seen. */
async function seenServer(ask: Ask, wanted: string): Promise<Server> {
  const server = await serverOf(ask, wanted)
  if (server.state !== 'draft') return server
  const { name, slug } = server
  throw new RestRefusal(409, new HostError({ code: 'needs-owner', params: { name, slug } }).reply())
}

/** Of one tool, by its id, else by its public name. Throws RestRefusal 404. */
async function toolOf(ask: Ask, wanted: string): Promise<Tool> {
  const all = await ask('tools.list', undefined)
  const found = all.find((one) => one.id === wanted) ?? all.find((one) => one.name === wanted)
  if (found) return found
  throw new RestRefusal(404, new HostError({ code: 'tool-not-found', says: 'rest-tool-not-found' }).reply())
}

/** What a program may say of a tool: that it is more dangerous than it is taken for, or is off. The rest is for its owner to say. */
const ToolChange = z.strictObject({
  enabled: z.literal(false, { error: () => say('input.toolOnOwnerOnly') }).optional(),
  risk: Risk.optional(),
})

/** What a program may send to change a server; other fields are refused rather than ignored. */
export const ServerChange = z.strictObject(
  (({ prefixed, timeout, startTimeout }) => ({
    prefixed,
    // That a server may know who is asking is for its owner to say, who would not see it of a draft either.
    passesClientContext: z.literal(false, { error: () => say('input.clientContextOwnerOnly') }).optional(),
    timeout,
    startTimeout,
  }))(api['servers.update'].input.shape),
)
export const NewServer = api['servers.draft'].input
export const Health = ServerHealth.extend(
  Server.pick({ state: true, transport: true, protocol: true, startedAt: true, restarts: true, error: true })
    .shape,
)
const serverAnswer = { status: 200, description: 'The server as it is now.', schema: Server } as const

const serverCommand = (
  command: 'start' | 'stop' | 'restart',
  says: Pick<RestRoute, 'operationId' | 'summary' | 'description'>,
): RestRoute => ({
  method: 'post',
  path: `/servers/{id}/${command}`,
  ...says,
  answer: serverAnswer,
  errors: [404, 409],
  async run({ id }, ask) {
    const server = await seenServer(ask, id)
    return ask(`servers.${command}`, { id: server.id })
  },
})

/** All of the admin interface. The listener and the OpenAPI document are both made from this list. */
export const restRoutes: readonly RestRoute[] = [
  {
    method: 'get',
    path: '/status',
    operationId: 'getStatus',
    summary: 'How Drawbridge is doing',
    answer: { status: 200, description: 'The bridge, its addresses, and who waits.', schema: Status },
    errors: [],
    run: (_request, ask) => ask('status.get', undefined),
  },
  {
    method: 'get',
    path: '/servers',
    operationId: 'listServers',
    summary: 'The MCP servers, in the order they were added',
    answer: {
      status: 200,
      description: 'All servers. Values of variables and headers never leave the vault.',
      schema: z.object({ servers: z.array(Server) }),
    },
    errors: [],
    run: async (_request, ask) => ({ servers: await ask('servers.list', undefined) }),
  },
  {
    method: 'post',
    path: '/servers',
    operationId: 'addServer',
    summary: 'Add a server as a draft',
    description:
      'Nothing is started or contacted. The owner looks at the draft in the app, or with `drawbridge server start`, and starts it.',
    body: NewServer,
    answer: { status: 201, description: 'The draft.', schema: Server },
    errors: [409],
    run: ({ body }, ask) => ask('servers.draft', body as z.input<typeof NewServer>),
  },
  {
    method: 'get',
    path: '/servers/{id}',
    operationId: 'getServer',
    summary: 'One server',
    answer: serverAnswer,
    errors: [404],
    run: ({ id }, ask) => serverOf(ask, id),
  },
  {
    method: 'patch',
    path: '/servers/{id}',
    operationId: 'changeServer',
    summary: 'Change how a server is served',
    description: 'What is left out stays as it is. What is started cannot be changed here.',
    body: ServerChange,
    answer: serverAnswer,
    errors: [404, 409],
    async run({ id, body }, ask) {
      const server = await serverOf(ask, id)
      return ask('servers.update', { ...changeOf(body), id: server.id })
    },
  },
  {
    method: 'delete',
    path: '/servers/{id}',
    operationId: 'removeServer',
    summary: 'Stop a server and forget it, with its secrets',
    answer: { status: 204, description: 'It is gone.' },
    errors: [404],
    async run({ id }, ask) {
      const server = await serverOf(ask, id)
      await ask('servers.remove', { id: server.id })
    },
  },
  serverCommand('start', {
    operationId: 'startServer',
    summary: 'Start a server that was stopped',
    description: 'Answers after the first attempt. A draft is refused with `needs-owner`.',
  }),
  serverCommand('stop', {
    operationId: 'stopServer',
    summary: 'Stop a server; it stays stopped until it is started again',
  }),
  serverCommand('restart', {
    operationId: 'restartServer',
    summary: 'Stop a server and start it again',
    description: 'Answers after the first attempt. A draft is refused with `needs-owner`.',
  }),
  {
    method: 'get',
    path: '/servers/{id}/health',
    operationId: 'getServerHealth',
    summary: 'How a server is doing',
    description:
      'As of the last check, which runs every minute while the server is idle; asks nothing of it.',
    answer: {
      status: 200,
      description: 'State, last check, and response times in milliseconds over the last 100 requests.',
      schema: Health,
    },
    errors: [404],
    async run({ id }, ask) {
      const { health, state, transport, protocol, startedAt, restarts, error } = await serverOf(ask, id)
      return { ...health, state, transport, protocol, startedAt, restarts, error }
    },
  },
  {
    method: 'get',
    path: '/servers/{id}/logs',
    operationId: 'getServerLogs',
    summary: 'The last lines that a server wrote to standard error',
    answer: {
      status: 200,
      description: 'Oldest first, secrets cut out.',
      schema: z.object({ lines: z.array(z.string()) }),
    },
    errors: [404],
    run: async ({ id }, ask) => ({ lines: (await serverOf(ask, id)).log }),
  },
  ...accessRoutes,
  {
    method: 'get',
    path: '/waiting',
    operationId: 'listWaiting',
    summary: 'Calls that wait for the owner, oldest first',
    description:
      'To be read only: what runs is for the owner to say. What they were called with is shown to him alone.',
    answer: {
      status: 200,
      description: 'Who asks, for which tool, why, and until when.',
      schema: z.object({ waiting: z.array(Waiting) }),
    },
    errors: [],
    run: async (_request, ask) => {
      const waiting = await ask('approvals.list', undefined)
      return { waiting: waiting.map((one) => Waiting.parse(one)) }
    },
  },
  {
    method: 'get',
    path: '/rules',
    operationId: 'listRules',
    summary: 'The owner’s answers that hold for more than one call, newest first',
    description: 'To be read only: what assistants may do is for the owner to say.',
    answer: {
      status: 200,
      description: 'All rules, also those that sleep or are over.',
      schema: z.object({ rules: z.array(Rule) }),
    },
    errors: [],
    run: async (_request, ask) => ({ rules: await ask('rules.list', undefined) }),
  },
  {
    method: 'get',
    path: '/tools',
    operationId: 'listTools',
    summary: 'The tools, and what of them waits for their owner',
    answer: {
      status: 200,
      description:
        '`review`: why a tool waits. `changedServers`: servers that are others than their owner took them for.',
      schema: z.object({ tools: z.array(Tool), changedServers: z.array(ChangedServer) }),
    },
    errors: [],
    run: async (_request, ask) => ({
      tools: await ask('tools.list', undefined),
      changedServers: await ask('tools.servers', undefined),
    }),
  },
  {
    method: 'get',
    path: '/tools/{id}/differences',
    operationId: 'getToolDifferences',
    summary: 'What is another in a tool than its owner took it for',
    answer: {
      status: 200,
      description: 'Empty when nothing is. Texts as they came.',
      schema: z.object({ differences: z.array(Difference) }),
    },
    errors: [404],
    async run({ id }, ask) {
      const tool = await toolOf(ask, id)
      return { differences: await ask('tools.differences', { id: tool.id }) }
    },
  },
  {
    method: 'patch',
    path: '/tools/{id}',
    operationId: 'changeTool',
    summary: 'Take a tool for more dangerous than it is taken for, or switch it off',
    description:
      'What is left out stays as it is. A risk that is lower than the present one, or than what a tool that waits says of itself now, is refused with `needs-owner`. One that waits goes on waiting for its owner.',
    body: ToolChange,
    answer: { status: 200, description: 'The tool as it is now.', schema: Tool },
    errors: [404, 409],
    async run({ id, body }, ask) {
      const change = parsedBody(ToolChange, body, 'tool')
      const tool = await toolOf(ask, id)
      return ask('tools.restrict', { ...change, id: tool.id })
    },
  },
  ...folderRoutes,
  ...activityRoutes,
  ...timelineRoutes,
]

const changeOf = (body: unknown) => parsedBody(ServerChange, body, 'server')
