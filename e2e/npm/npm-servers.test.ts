import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Input } from '../../src/contract/api.ts'
import type { Server } from '../../src/contract/servers.ts'
import { startRegistry } from '../../src/servers/testing/fixture-registry.ts'
import { type MeasuredHost, startMeasuredHost } from '../fixtures/measured-host.ts'
import { freePort, startProgram } from '../fixtures/test-servers.ts'
import { DirectClient, type Raw } from './direct-client.ts'
import { launcher, layOut, type NpmServer, npmServers } from './fixture-npm-servers.ts'

/**
 * Ten servers from npm, as they are: what they list and answer through Drawbridge is what they list and answer directly, also after they
 * were killed, and when npm has to fetch them first.
 */
// One of them writes every path in small letters.
const dir = join(tmpdir(), `drawbridge-npm-${randomUUID()}`)
const names = [
  ...[
    'filesystem',
    'memory',
    'everything',
    'everything-sse',
    'everything-http',
    'thinking',
    'obsidian',
    'pdf',
  ],
  ...['supergateway', 'openapi'],
]
const byStdio = ['filesystem', 'memory', 'everything', 'thinking', 'obsidian', 'pdf']

let host: MeasuredHost
let token = ''
let api: Awaited<ReturnType<typeof layOut>>
const servers = new Map<string, NpmServer>()
const programs = new Map<string, ChildProcess>()
const ports = new Map<string, number>()
const direct = new Map<string, DirectClient>()

const environment = (name: string, which: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: dir,
  ...(name === 'memory' && { MEMORY_FILE_PATH: join(dir, `memory-${which}.json`) }),
})

/** A web server is a program of the user's own, which Drawbridge only finds. */
async function runProgram({ name, args, path }: NpmServer): Promise<string> {
  const port = ports.get(name) ?? (await freePort())
  ports.set(name, port)
  const own = name === 'supergateway' || name === 'openapi' ? ['--port', String(port)] : []
  programs.set(
    name,
    startProgram([...args, ...own], 'ignore', { ...environment(name, 'web'), PORT: String(port) }),
  )
  const url = `http://127.0.0.1:${port}${path}`
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(url, { method: 'OPTIONS' }).catch(() => null)
    if (answer) return url
    await sleep(50)
  }
  throw new Error(`${name} never listened`)
}

async function add(server: NpmServer): Promise<void> {
  const { name, transport, args } = server
  let own: Transport
  let input: Input<'servers.add'>
  if (transport === 'stdio') {
    const env = environment(name, 'direct')
    own = new StdioClientTransport({ command: process.execPath, args, env, stderr: 'ignore' })
    input = { kind: 'stdio', name, command: process.execPath, args, env: environment(name, 'through') }
  } else {
    const url = await runProgram(server)
    own =
      transport === 'sse'
        ? new SSEClientTransport(new URL(url))
        : new StreamableHTTPClientTransport(new URL(url))
    input = { kind: transport, name, url }
  }
  const [client] = await Promise.all([DirectClient.connect(own), host.ask('servers.add', input)])
  direct.set(name, client)
}

beforeAll(async () => {
  api = await layOut(dir)
  host = await startMeasuredHost()
  await host.ask('preferences.set', { requestsPerMinute: null })
  token = (await host.ask('keys.create', { name: 'Client', access: 'everything' })).token
  for (const server of npmServers(dir, api.api)) servers.set(server.name, server)
  await Promise.all([...servers.values()].map(add))
}, 120_000)
afterAll(async () => {
  for (const client of direct.values()) await client.close().catch(() => {})
  for (const program of programs.values()) program.kill('SIGKILL')
  await host?.stop()
  api?.close()
  rmSync(dir, { recursive: true, force: true })
})

async function ask(method: string, params: Raw = {}): Promise<{ result?: Raw; error?: Raw }> {
  const response = await fetch(host.mcpUrl, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const text = await response.text()
  if (text.startsWith('{')) return JSON.parse(text)
  const last = text.split('\n').findLast((line) => line.startsWith('data: {'))!
  return JSON.parse(last.slice(6))
}

async function listed(method: string, field: string): Promise<Raw[]> {
  const all: Raw[] = []
  for (let cursor: unknown; ; ) {
    const { result } = await ask(method, cursor === undefined ? {} : { cursor })
    all.push(...(result![field] as Raw[]))
    cursor = result!.nextCursor
    if (cursor === undefined) return all
  }
}

const shown = async (name: string): Promise<Server> =>
  (await host.ask('servers.list')).find((one) => one.name === name)!
const through = (name: string, tool: string, args: Raw) =>
  ask('tools/call', { name: `${name}__${tool}`, arguments: args })
/** Without what only Drawbridge says, and what differs by time. */
const plain = ({ _meta, ...result }: Raw): Raw => result

/** What is under way of that server, in the host's own children. */
function pidsOf({ args }: NpmServer, parent: number): number[] {
  return readdirSync('/proc')
    .filter((one) => /^\d+$/.test(one))
    .map(Number)
    .filter((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/status`, 'utf8').includes(`PPid:\t${parent}\n`)
        return (
          isOurs &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes([args[0], ...args.slice(1)].join('\0'))
        )
      } catch {
        return false
      }
    })
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 40_000; !(await holds()); await sleep(200))
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
}

/** Whatever order a list comes in. */
const named = (list: Raw[], prefix = ''): Map<string, Raw> =>
  new Map(
    list
      .map((one): [string, Raw] => [String(one.name ?? one.uri), one])
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, one]): [string, Raw] => [name.slice(prefix.length), one])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )

/** It can be run as a task only, which Drawbridge cannot do. */
const isTask = ({ execution }: Raw) => (execution as Raw | undefined)?.taskSupport === 'required'
/** Tools for an app's own page are not offered to a client that shows none. */
const isForPages = ({ _meta }: Raw) => {
  const { visibility } = ((_meta as Raw | undefined)?.ui ?? {}) as { visibility?: string[] }
  return visibility !== undefined && !visibility.includes('model')
}

async function listsTheSame(name: string): Promise<void> {
  const [client, server] = [direct.get(name)!, await shown(name)]
  expect(server).toMatchObject({ state: 'running', error: null })
  const own = await client.list('tools/list', 'tools')
  const tools = named(own.filter((tool) => !isTask(tool) && !isForPages(tool)))
  const mine = named(await listed('tools/list', 'tools'), `${name}__`)
  expect([...mine.keys()]).toEqual([...tools.keys()])
  // What is not offered to anybody is named.
  const tasks = own.filter(isTask).map((tool) => tool.name)
  expect(server.leftOut.map((one) => one.name)).toEqual(tasks)
  expect(server.tools).toBe(own.length - tasks.length)
  for (const [tool, { description, inputSchema, outputSchema }] of tools) {
    const schema = { ...(inputSchema as Raw), type: 'object' }
    expect(mine.get(tool), tool).toMatchObject({ description, inputSchema: schema })
    expect(mine.get(tool)!.outputSchema, tool).toEqual(outputSchema)
  }
  const prompts = named(await client.list('prompts/list', 'prompts'))
  expect([...named(await listed('prompts/list', 'prompts'), `${name}__`).keys()]).toEqual([...prompts.keys()])
  const resources = await client.list('resources/list', 'resources')
  const templates = await client.list('resources/templates/list', 'resourceTemplates')
  expect(server.resources).toBe(resources.length + templates.length)
}

async function answersTheSame(name: string): Promise<void> {
  const { calls, reads = [] } = servers.get(name)!
  for (const [tool, args] of calls) {
    const said = await direct.get(name)!.request('tools/call', { name: tool, arguments: args })
    const { result, error } = await through(name, tool, args)
    // Large ones would be printed whole if they differed.
    const [mine, own] = [JSON.stringify(plain(result ?? { error })), JSON.stringify(plain(said))]
    if (own.length > 10_000) expect(mine.length, `${tool}: ${mine.slice(0, 300)}`).toBe(own.length)
    else expect(plain(result ?? { error }), tool).toEqual(plain(said))
  }
  for (const uri of reads) {
    const said = await direct.get(name)!.request('resources/read', { uri })
    const { result, error } = await ask('resources/read', { uri })
    const [mine, own] = [JSON.stringify(result?.contents ?? error), JSON.stringify(said.contents)]
    expect(own.length, uri).toBeGreaterThan(4_194_304)
    expect(mine.length, mine.slice(0, 300)).toBe(own.length)
    expect(mine === own, uri).toBe(true)
  }
}

/** It is killed, by whomever, and serves whoever asks next. */
async function revives(name: string): Promise<void> {
  const server = servers.get(name)!
  const [tool, args] = server.calls.at(0)!
  if (server.transport === 'stdio') {
    const [pid] = pidsOf(server, host.pid)
    process.kill(pid!, 'SIGKILL')
  } else {
    const program = programs.get(name)!
    const ended = new Promise((resolve) => program.once('exit', resolve))
    program.kill('SIGKILL')
    await ended
    await runProgram(server)
  }
  const refusals = new Set<unknown>()
  await until(async () => {
    const { result } = await through(name, tool, args)
    const code = (result?._meta as Raw | undefined)?.['drawbridge/code']
    if (result?.isError) refusals.add(code ?? JSON.stringify(result))
    return result !== undefined && result.isError !== true
  }, `${name} to work again`)
  // A moment's wait is all that anybody hears of it.
  expect([...refusals].filter((code) => code !== 'server-restarting' && code !== 'server-died')).toEqual([])
  expect(await shown(name)).toMatchObject({ state: 'running', error: null })
}

it.concurrent.each(names)(
  '%s lists and answers what it does directly, also after it was killed',
  async (name) => {
    await listsTheSame(name)
    await answersTheSame(name)
    await revives(name)
  },
  120_000,
)

it('each starts on an empty cache, from a slow registry', async () => {
  await Promise.all(
    byStdio.map(async (name) => {
      const server = servers.get(name)!
      const fetched = `${name}-fetched`
      const registry = await startRegistry({ name: `npm-${name}`, file: launcher(dir, server) })
      try {
        const env = {
          ...{ npm_config_registry: registry.url, npm_config_cache: join(dir, `cache-${name}`) },
          ...{ npm_config_fetch_retries: '0', npm_config_update_notifier: 'false' },
          ...(name === 'memory' && { MEMORY_FILE_PATH: join(dir, 'memory-fetched.json') }),
        }
        const input = {
          kind: 'stdio' as const,
          name: fetched,
          command: 'npx',
          args: ['-y', `npm-${name}`],
          env,
        }
        const adding = host.ask('servers.add', input)
        await registry.asked
        await until(async () => (await shown(fetched)).state === 'downloading', `${name} to be downloaded`)
        registry.handOut()
        await adding
        await until(async () => (await shown(fetched)).state === 'running', `${name} to run`)
        expect((await shown(fetched)).tools).toBe((await shown(name)).tools)
        const [tool, args] = server.calls.at(0)!
        const { result } = await through(fetched, tool, args)
        expect(result?.isError ?? false, JSON.stringify(result)).toBe(false)
      } finally {
        await registry.stop()
      }
    }),
  )
}, 120_000)
