import { type ShownValue, shownValue } from '../../contract/agreed/shown-value.ts'
import type { Server, ServerSignIn } from '../../contract/servers.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import { type Entry, startLimitOf } from './entry.ts'
import { fingerprintOf } from './fingerprint.ts'

const noSignIn: ServerSignIn = {
  state: 'none',
  issuer: null,
  scopes: [],
  clientId: null,
  url: null,
  problem: null,
}

/** A server as the user sees it. */
export function showServer(entry: Entry, signIns: SignIns): Server {
  const { row, lines, supervisor, facts, health } = entry
  const { lists } = facts
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
    values: shownValues(entry),
    confined: row.confined,
    oauth: row.oauth && { clientId: row.oauth.clientId, scopes: row.oauth.scopes ?? [] },
    prefixed: row.prefixed,
    passesClientContext: row.passesClientContext,
    timeout: row.timeout,
    startTimeout: startLimitOf(row),
    state: supervisor.state,
    fingerprint: fingerprintOf(row, entry.held),
    transport: facts.transport,
    protocol: facts.protocol,
    protocolSince: facts.protocolSince,
    tools: lists.tools.length,
    resources: lists.resources.length + lists.resourceTemplates.length,
    prompts: lists.prompts.length,
    // Whoever knows the other sources says so.
    setAside: [],
    truncatedLists: [...facts.truncatedLists],
    leftOut: facts.leftOut.map((one) => ({ ...one })),
    health: health.show(),
    signIn: row.kind === 'stdio' ? noSignIn : signIns.for(row).state(),
    error: supervisor.error,
    log: lines.all(),
    startedAt: supervisor.startedAt,
    restarts: supervisor.restarts,
  }
}

/** What a draft would be started with; of others the user knows it. */
function shownValues({ row, held }: Entry): ShownValue[] | null {
  if (row.wanted !== 'draft' || held === null) return null
  return [
    ...row.env.map((name) => shownValue(name, held.env[name] ?? '')),
    ...row.headers.map((name) => shownValue(name, held.headers[name] ?? '')),
    ...(held.clientSecret === null ? [] : [shownValue('client_secret', held.clientSecret)]),
  ]
}
