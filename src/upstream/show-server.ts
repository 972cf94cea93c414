import type { Server, ServerSignIn } from '../contract/models.ts'
import type { Entry } from './entry.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { SignIns } from './sign-in/sign-ins.ts'

const noSignIn: ServerSignIn = {
  state: 'none',
  issuer: null,
  scopes: [],
  clientId: null,
  url: null,
  problem: null,
}

/** A server as the user sees it. */
export function showServer({ row, lines, supervisor, known, health }: Entry, signIns: SignIns): Server {
  const { lists } = known
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    kind: row.kind,
    command: row.command,
    args: row.args,
    cwd: row.cwd,
    url: row.url,
    env: row.env,
    headers: row.headers,
    oauth: row.oauth && { clientId: row.oauth.clientId, scopes: row.oauth.scopes ?? [] },
    prefixed: row.prefixed,
    passesClientContext: row.passesClientContext,
    timeout: row.timeout,
    state: supervisor.state,
    fingerprint: fingerprintOf(row),
    transport: known.transport,
    protocol: known.protocol,
    protocolSince: known.protocolSince,
    tools: lists.tools.length,
    resources: lists.resources.length + lists.resourceTemplates.length,
    prompts: lists.prompts.length,
    health: health.show(),
    signIn: row.kind === 'stdio' ? noSignIn : signIns.for(row).state(),
    error: supervisor.error,
    log: lines.all(),
    startedAt: supervisor.startedAt,
    restarts: supervisor.restarts,
  }
}
