import type { ChildProcess } from 'node:child_process'
import { Client, StreamableHTTPClientTransport, specTypeSchemas } from '@modelcontextprotocol/client'
import type { Server } from '../../src/contract/servers.ts'
import type { Tool } from '../../src/contract/tools.ts'
import { type MeasuredHost, startMeasuredHost } from '../fixtures/measured-host.ts'
import { echo, startProgram } from '../fixtures/test-servers.ts'
import type { ListName } from './fixture-odd-contents.ts'
import { isObject, type Raw } from './raw-json.ts'

/** A good client has to be answered within this, however busy the machine is. Milliseconds. */
const patience = 20_000

export interface Answer {
  result?: Raw
  error?: Raw
  /** Of the HTTP answer, as it came. */
  text: string
  status: number
}

type SchemaName =
  | 'ListToolsResult'
  | 'ListResourcesResult'
  | 'ListResourceTemplatesResult'
  | 'ListPromptsResult'
  | 'CallToolResult'
const schemaOf: Record<ListName, SchemaName> = {
  tools: 'ListToolsResult',
  resources: 'ListResourcesResult',
  resourceTemplates: 'ListResourceTemplatesResult',
  prompts: 'ListPromptsResult',
}

/** A real host in a process of its own, with good neighbours and a good client that must never notice anything. */
export class World {
  readonly host: MeasuredHost
  readonly #programs: ChildProcess[]
  readonly #token: string
  #ids = 0

  private constructor(host: MeasuredHost, programs: ChildProcess[], token: string) {
    this.host = host
    this.#programs = programs
    this.#token = token
  }

  static async start(): Promise<World> {
    const host = await startMeasuredHost()
    const http = startProgram([echo, '--http'], 'pipe')
    const url = await new Promise<string>((resolve) =>
      http.stdout!.once('data', (chunk: Buffer) => resolve(String(chunk).trim())),
    )
    await host.addServer({ kind: 'stdio', name: 'near', command: process.execPath, args: [echo, '--stdio'] })
    await host.addServer({ kind: 'http', name: 'nearweb', url })
    await host.ask('preferences.set', { requestsPerMinute: null })
    const { token } = await host.ask('keys.create', { name: 'Good', access: 'everything' })
    return new World(host, [http], token)
  }

  get origin(): string {
    return new URL(this.host.mcpUrl).origin
  }

  newKey = async (name: string): Promise<string> =>
    (await this.host.ask('keys.create', { name, access: 'everything' })).token

  /** The good client, by hand. Throws when it is not answered with JSON-RPC. */
  async rpc(method: string, params: Raw = {}): Promise<Answer> {
    this.#ids += 1
    const id = this.#ids
    const response = await fetch(this.host.mcpUrl, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      signal: AbortSignal.timeout(patience),
    })
    const text = await response.text()
    const body = text.startsWith('{')
      ? text
      : (text
          .split('\n')
          .findLast((line) => line.startsWith('data: {'))
          ?.slice(6) ?? '')
    const { result, error, id: of } = JSON.parse(body || 'null') as { result?: Raw; error?: Raw; id: unknown }
    if (of !== id) throw new Error(`${method}: an answer to ${JSON.stringify(of)}: ${text.slice(0, 200)}`)
    return { text: body, status: response.status, ...(result && { result }), ...(error && { error }) }
  }

  /** A whole list as clients get it. Throws when it is not what the protocol says. */
  async list(name: ListName, method: string): Promise<Raw[]> {
    const all: Raw[] = []
    let cursor: unknown
    do {
      const { result, text } = await this.rpc(method, cursor === undefined ? {} : { cursor })
      if (!result) throw new Error(`${method} was answered with ${text.slice(0, 300)}`)
      const read = await specTypeSchemas[schemaOf[name]]['~standard'].validate(result)
      if (read.issues)
        throw new Error(`${method}: no client can read it: ${unreadable(read.issues[0], result)}`)
      all.push(...(result[name] as Raw[]))
      cursor = result.nextCursor
    } while (cursor !== undefined)
    return all
  }

  /** What is wrong for those who have nothing to do with it. */
  async neighbours(text: string): Promise<string[]> {
    const ask = async (slug: string) => {
      const { text: answer } = await this.rpc('tools/call', {
        name: `${slug}__echo`,
        arguments: { text: `${slug} ${text}`, wait: 0 },
      })
      return answer.includes(`${slug} ${text}`)
        ? []
        : [`the neighbour ${slug} answered ${answer.slice(0, 200)}`]
    }
    return (await Promise.all([ask('near'), ask('nearweb')])).flat()
  }

  /** Throws when the official client cannot list or call. */
  async officialClient(text: string): Promise<void> {
    const client = new Client({ name: 'official', version: '1' })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(this.host.mcpUrl), {
        requestInit: { headers: { authorization: `Bearer ${this.#token}` } },
      }),
    )
    try {
      const { tools } = await client.listTools()
      if (!tools.some((tool) => tool.name === 'near__echo'))
        throw new Error('the official client does not find the neighbour')
      const result = await client.callTool({ name: 'near__echo', arguments: { text, wait: 0 } })
      if (!JSON.stringify(result).includes(text)) throw new Error('the official client got another answer')
    } finally {
      await client.close()
    }
  }

  async server(slug: string): Promise<Server> {
    return (await this.host.ask('servers.list')).find((one) => one.slug === slug)!
  }

  async tools(slug: string): Promise<Tool[]> {
    return (await this.host.ask('tools.list')).filter((one) => one.sourceId === slug)
  }

  /** What nobody caught, in the host. */
  async troubles(): Promise<string[]> {
    const crashed = this.host.crashed()
    return crashed === null ? (await this.host.measure()).troubles : [crashed]
  }

  async stop(): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL')
    await this.host.stop()
  }
}

/** Where, and what is there. */
function unreadable(issue: { message: string; path?: readonly unknown[] } | undefined, result: Raw): string {
  const path = (issue?.path ?? []).map(String)
  const there = path.reduce<unknown>((value, key) => (value as Raw | undefined)?.[key], result)
  return `${path.join('.')}: ${issue?.message} (${JSON.stringify(there)?.slice(0, 200)})`
}

export interface LeftOut {
  kind: string
  name: string
  why: string
}
/** What the owner is told is left out of a server. */
export const leftOutOf = (server: Server): LeftOut[] =>
  ((server as { leftOut?: LeftOut[] }).leftOut ?? []).filter((one) => isObject(one) && one.why !== '')
