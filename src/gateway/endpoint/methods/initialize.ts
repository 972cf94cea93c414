import {
  type ClientCapabilities,
  LATEST_PROTOCOL_VERSION,
  ProtocolError,
  ProtocolErrorCode,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server'
import { isObject } from '../../../kernel/is-object.ts'
import { appsExtension, drawsApps, tasksExtension, withoutOtherExtensions } from '../../../mcp/extensions.ts'
import type { Principal } from '../../../mcp/principal.ts'
import type { Era } from '../../offers/visible-list.ts'

import { modernVersion } from '../client-message.ts'
import { type EndpointDeps, serverInfoOf } from '../endpoint-deps.ts'
import type { IncomingRequest } from '../incoming-request.ts'
import { listCache, type ResultEncoder } from '../result-encoder.ts'
import type { Sessions } from '../sessions/sessions.ts'

/** How clients of either era arrive: `initialize` and `server/discover`. */
export function createInitialize(
  deps: Pick<EndpointDeps, 'catalog' | 'version' | 'clock' | 'onTraffic'> & {
    sessions: Pick<Sessions, 'begin'>
    encoder: ResultEncoder
  },
) {
  const { catalog, sessions, encoder } = deps

  const capabilitiesFor = (principal: Principal, era: Era) => {
    const able = catalog.capabilities(principal)
    const { resources, subscribe, prompts, completions, logging, apps } = able
    const tasks = able.tasks === true && era === 'modern'
    return {
      tools: { listChanged: true },
      ...(resources && { resources: { listChanged: true, ...(subscribe && { subscribe }) } }),
      ...(prompts && { prompts: { listChanged: true } }),
      ...(completions && { completions: {} }),
      ...(logging && { logging: {} }),
      ...((apps || tasks) && {
        extensions: { ...(apps && { [appsExtension]: {} }), ...(tasks && { [tasksExtension]: {} }) },
      }),
    }
  }

  const arrived = ({ caller }: IncomingRequest, ok: boolean) => {
    const { grantId, clientName } = caller.principal
    deps.onTraffic({ at: deps.clock.now(), kind: 'discover', ok, origin: caller.origin, grantId, clientName })
  }

  return {
    /** A session begins, unless the client has one with its stream. Whoever writes this by hand leaves things out. */
    initialize(incoming: IncomingRequest): void {
      const { params, caller, session } = incoming
      const { protocolVersion: wanted, capabilities = {} } = params
      if (typeof wanted !== 'string' || !isObject(capabilities)) {
        arrived(incoming, false)
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          'Invalid params: initialize needs a protocolVersion (text) and capabilities (object).',
        )
      }
      const version = SUPPORTED_PROTOCOL_VERSIONS.includes(wanted) ? wanted : LATEST_PROTOCOL_VERSION
      const facts = { version, capabilities: declared(capabilities, params.clientInfo) }
      const headers: string[] = []
      if (session) Object.assign(session, facts)
      else headers.push('Mcp-Session-Id', sessions.begin(facts, caller.principal).id)
      const result = {
        protocolVersion: version,
        capabilities: capabilitiesFor(caller.principal, 'legacy'),
        serverInfo: serverInfoOf(deps.version),
        instructions: catalog.instructions(caller.principal),
      }
      incoming.respond(JSON.stringify(result), 200, headers)
      arrived(incoming, true)
    },
    discover(incoming: IncomingRequest): void {
      const { principal } = incoming.caller
      const result = {
        supportedVersions: [modernVersion],
        capabilities: capabilitiesFor(principal, 'modern'),
        instructions: catalog.instructions(principal),
        ...listCache,
      }
      incoming.respond(encoder.own(JSON.stringify(result).slice(1, -1)))
      arrived(incoming, true)
    },
  }
}

/** Clients that draw without saying so (microsoft/vscode#291432). */
const drawsUnsaid: ReadonlySet<unknown> = new Set(['Visual Studio Code', 'Visual Studio Code - Insiders'])

/** What a client declared, as far as it can be passed on. */
function declared(capabilities: Record<string, unknown>, info: unknown): ClientCapabilities {
  const kept = withoutOtherExtensions(capabilities) as ClientCapabilities
  if (!isObject(info) || !drawsUnsaid.has(info.name)) return kept
  return { ...kept, extensions: { ...kept.extensions, [appsExtension]: drawsApps } }
}
