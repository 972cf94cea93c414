import { quoteWord } from '../../contract/agreed/command-line.ts'
import type { ServerKind } from '../../contract/servers.ts'
import type { ServerIdentity } from '../../mcp/pinned.ts'
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
  ToolSource,
} from '../../mcp/tool-source.ts'
import type { ServerFacts } from '../lists/server-facts.ts'
import type { ServerRequests } from './server-requests.ts'
import type { Supervisor } from './supervisor.ts'

/** One that is quiet for all of its time is told so from here first, which knows more of it. Milliseconds. */
const lateNotice = 1_000

/** Of what it tells assistants of itself, in characters: more is not passed on. */
const longestInstructions = 20_000

/** What decides what is started or contacted, values aside. */
interface Started {
  readonly command: string | null
  readonly args: readonly string[]
  readonly cwd: string | null
  readonly env: readonly string[]
  readonly confined: boolean
  readonly url: string | null
}

/** The command is written for people, and so that no two are written alike. */
function identityOf(
  { command, args, cwd, env, confined, url }: Started,
  { version, instructions }: Pick<ServerFacts, 'version' | 'instructions'>,
  fingerprint: string,
): ServerIdentity {
  const words = command === null ? [] : [command, ...args].map((word) => quoteWord(word))
  const lines = [
    words.join(' '),
    ...(cwd === null ? [] : [`in ${quoteWord(cwd)}`]),
    ...(env.length === 0
      ? []
      : [
          `with ${[...env]
            .sort()
            .map((name) => quoteWord(name))
            .join(' ')}`,
        ]),
    ...(confined ? ['confined to its own folder'] : []),
  ]
  return {
    command: command === null ? null : lines.join('\n'),
    origin: url === null ? null : new URL(url).origin,
    version,
    instructions: instructions?.slice(0, longestInstructions) ?? null,
    fingerprint,
  }
}

/** One server as the gateway sees it. Lists are the last known ones and cost nothing. */
export type ServerSource = Required<Omit<ToolSource, 'workspaces' | 'alike' | 'isOurs'>>

export function createSource(parts: {
  row: {
    readonly id: string
    readonly slug: string
    readonly name: string
    readonly kind: ServerKind
    readonly prefixed: boolean
    readonly passesClientContext: boolean
    readonly wanted: string
  } & Started
  supervisor: Supervisor
  facts: ServerFacts
  requests: ServerRequests
  /** Milliseconds that one request may take without news. */
  timeout(): number
  /** Of all that {@link identityOf} is made of, besides the version. */
  fingerprint(): string
}): ServerSource {
  const { row, supervisor, facts, requests, timeout, fingerprint } = parts
  let last: ServerIdentity | null = null
  let lastSaid: string | null = null
  const identity = (): ServerIdentity => {
    const { version, instructions } = facts
    const is = fingerprint()
    if (last?.fingerprint !== is || last.version !== version || lastSaid !== instructions) {
      last = identityOf(row, facts, is)
      lastSaid = instructions
    }
    return last
  }
  return {
    serverId: row.id,
    slug: row.slug,
    name: row.name,
    prefixed: row.prefixed,
    passesClientContext: row.passesClientContext,
    edition: () => supervisor.edition,
    identity,
    kind: 'server',
    longest: () => timeout() + lateNotice,
    isStopped: () => row.wanted === 'stopped',
    tools: () => facts.lists.tools as readonly ToolDefinition[],
    resources: () => facts.lists.resources as readonly ResourceDefinition[],
    resourceTemplates: () => facts.lists.resourceTemplates as readonly ResourceTemplateDefinition[],
    prompts: () => facts.lists.prompts as readonly PromptDefinition[],
    capabilities: () => facts.capabilities,
    instructions: () => facts.instructions,
    call: (tool, args, exchange) => requests.call({ name: tool, arguments: args }, exchange),
    request: (method, params, exchange) =>
      requests.ask({ method, params, exchange, edition: exchange.edition ?? supervisor.edition }),
    watch: (uris, onUpdated) => supervisor.watch(uris, onUpdated),
  }
}
