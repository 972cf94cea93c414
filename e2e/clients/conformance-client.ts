/**
 * A client for the official conformance suite (`conformance client --command "node conformance-client.ts" …`): it puts Drawbridge's
 * own upstream connections and sign-ins to the suite's servers, and plays the person in front of it, who follows the
 * sign-in page, answers questions and calls every tool.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientCapabilities } from '@modelcontextprotocol/client'
import { systemClock } from '../../src/kernel/clock.ts'
import { errorText } from '../../src/kernel/errors.ts'
import { silentLog } from '../../src/kernel/log/log.ts'
import { createRedactor } from '../../src/kernel/log/redact.ts'
import type { Exchange, InputRequest, Raw } from '../../src/mcp/tool-source.ts'
import type { ServerSource } from '../../src/servers/lifecycle/source.ts'
import type { Servers } from '../../src/servers/registry/interface.ts'
import { createServers } from '../../src/servers/registry/servers.ts'
import { createSignIns } from '../../src/servers/sign-in/create-sign-ins.ts'
import { openDatabase } from '../../src/storage/database/database.ts'
import type { Vault } from '../../src/storage/vault/vault.ts'

/** What the suite tells a client beside the address. */
export interface Context {
  client_id?: string
  client_secret?: string
  toolCalls?: { name: string; arguments: Raw }[]
}

/** A person tries so often and no more. */
const maxSignIns = 3
/** On a busy computer the suite, which is dozens of servers in one process, may not answer within our time limits. */
const maxRestarts = 3
/** The name by which the suite knows the document about a client. */
const clientMetadataUrl = 'https://conformance-test.local/client-metadata.json'
const capabilities: ClientCapabilities = { elicitation: { form: { applyDefaults: true } } }

if (import.meta.main) {
  const problem = await playClient(
    process.argv.at(-1)!,
    JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as Context,
  )
  if (problem !== null) console.error(problem)
  process.exit(problem === null ? 0 : 1)
}

/** One scenario; returns what went wrong, if anything. */
export async function playClient(url: string, context: Context): Promise<string | null> {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-conformance-'))
  const { db } = openDatabase(join(dir, 'test.db'), silentLog)
  const secrets = new Map<string, string>()
  const vault: Vault = {
    status: { kind: 'file', message: '', hint: '' },
    get: async (name) => secrets.get(name) ?? null,
    set: async (name, value) => void secrets.set(name, value),
    delete: async (name) => void secrets.delete(name),
  }
  const common = { vault, clock: systemClock, log: silentLog }
  const signIns = createSignIns({ ...common, clientMetadataUrl })
  const servers = createServers({ ...common, db, redactor: createRedactor(), signIns, version: '1.0.0' })
  try {
    const { client_id: clientId, client_secret: clientSecret } = context
    const { id } = await servers.add({
      kind: 'http',
      name: 'Conformance',
      url,
      headers: {},
      timeout: 15_000,
      ...(clientId !== undefined && { oauth: { clientId, ...(clientSecret && { clientSecret }) } }),
    })
    await workThrough(servers, id, context)
    return null
  } catch (error) {
    return errorText(error)
  } finally {
    await servers.stop()
    await signIns.stop()
    db.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Signs in whenever that is needed and calls every tool once. */
async function workThrough(servers: Servers, id: string, context: Context): Promise<void> {
  let signedIn = 0
  let restarted = 0
  const done = new Set<string>()
  for (;;) {
    const server = servers.list()[0]!
    if (server.state === 'running') {
      const more = await callAll(servers, context, done)
      if (!more) return
    } else if (server.error?.code === 'server-unreachable' && restarted < maxRestarts) {
      restarted += 1
      await servers.restart(id)
      continue
    } else if (server.state !== 'signed-out') throw new Error(JSON.stringify(server.error))
    if (signedIn === maxSignIns) throw new Error('signing in does not help')
    signedIn += 1
    await signIn(servers, id)
  }
}

/** Returns whether a tool wants more to be allowed first. */
async function callAll(servers: Servers, context: Context, done: Set<string>): Promise<boolean> {
  const source = servers.sources()[0]!
  const calls =
    context.toolCalls ?? source.tools().map((tool) => ({ name: tool.name, arguments: exampleOf(tool) }))
  for (const [index, one] of calls.entries()) {
    const key = `${index} ${one.name}`
    if (done.has(key)) continue
    try {
      await call(source, one.name, one.arguments)
    } catch (error) {
      const { signIn, state } = servers.list()[0]!
      if (signIn.state === 'needed' || state === 'signed-out') return true
      console.error(`${one.name}: ${errorText(error)}`)
    }
    done.add(key)
  }
  return false
}

/** Answers what the server asks on the way, in both eras. */
async function call(source: ServerSource, name: string, args: Raw): Promise<void> {
  const exchange: Exchange = {
    signal: new AbortController().signal,
    client: 'conformance',
    capabilities,
    ask: (question) => Promise.resolve(answer(question)),
  }
  let result = await source.call(name, args, exchange)
  while (result.resultType === 'input_required') {
    const asked = Object.entries((result.inputRequests ?? {}) as Record<string, InputRequest>)
    result = await source.call(name, args, {
      ...exchange,
      inputResponses: Object.fromEntries(asked.map(([key, question]) => [key, answer(question)])),
      ...(typeof result.requestState === 'string' && { requestState: result.requestState }),
    })
  }
}

/** Accepts, with the defaults of the form (SEP-1034) and something that fits for the rest. */
function answer({ method, params }: InputRequest): Raw {
  if (method === 'sampling/createMessage')
    return { role: 'assistant', model: 'none', content: { type: 'text', text: 'hello' } }
  const { properties } = (params?.requestedSchema ?? {}) as { properties?: Record<string, Raw> }
  const content = Object.entries(properties ?? {}).map(([key, schema]) => [
    key,
    schema.default ?? valueFor(schema),
  ])
  return { action: 'accept', content: Object.fromEntries(content) }
}

function exampleOf(tool: Raw): Raw {
  const schema = (tool.inputSchema ?? {}) as { properties?: Record<string, Raw> }
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, property]) => [key, valueFor(property)]),
  )
}

function valueFor({ type, enum: choices }: Raw): unknown {
  if (Array.isArray(choices)) return choices[0]
  if (type === 'number' || type === 'integer') return 3
  if (type === 'boolean') return true
  if (type === 'array') return []
  return type === 'object' ? {} : 'example'
}

/** Follows the page as a browser would; the suite's pages say yes by themselves. */
async function signIn(servers: Servers, id: string): Promise<void> {
  const { signIn } = await servers.signIn(id)
  const ended = new Promise<void>((resolve) => {
    const stop = servers.events.on('changed', () => {
      const { state, signIn } = servers.list()[0]!
      if (signIn.state === 'waiting' || state === 'starting') return
      // Signed in, but not started yet.
      if (signIn.state === 'signed-in' && state === 'signed-out') return
      stop()
      resolve()
    })
  })
  const page = await fetch(signIn.url!, { redirect: 'manual' })
  const back = page.headers.get('location')
  if (back === null) throw new Error(`the page of the sign-in says ${page.status}`)
  await (await fetch(back)).text()
  await ended
  const { problem } = servers.list()[0]!.signIn
  if (problem) throw new Error(JSON.stringify(problem))
}
