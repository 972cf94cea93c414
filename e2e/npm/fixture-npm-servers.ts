import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import type { Raw } from './direct-client.ts'

const modules = resolve(import.meta.dirname, '../../node_modules')
const official = join(modules, '@modelcontextprotocol')

/** A server from npm as a user would add it, and what it is asked. */
export interface NpmServer {
  name: string
  transport: 'stdio' | 'http' | 'sse'
  /** Of Node. */
  args: string[]
  env?: Record<string, string>
  /** Where it listens, given its port; with `stdio`, nowhere. */
  path?: string
  calls: [tool: string, args: Raw][]
  /** Resources that are read. */
  reads?: string[]
}

/** Ten servers: official and not, old and new, over all transports. What is special about each is said beside it. */
export function npmServers(dir: string, api: string): NpmServer[] {
  const files = join(dir, 'files')
  const everything = join(official, 'server-everything/dist/index.js')
  const everythingCalls: NpmServer['calls'] = [
    ['echo', { message: 'hello' }],
    ['get-sum', { a: 2, b: 3 }],
    ['get-tiny-image', {}],
    ['get-structured-content', { location: 'New York' }],
    // Slightly wrong: the server is the judge.
    ['get-sum', { a: '2', b: null, c: 1 }],
  ]
  const fileCalls: NpmServer['calls'] = [
    ['list_directory', { path: files }],
    ['read_text_file', { path: join(files, 'note.md') }],
  ]
  return [
    {
      name: 'filesystem',
      transport: 'stdio',
      args: [join(official, 'server-filesystem/dist/index.js'), files],
      // A photo of 2.5 MB.
      calls: [...fileCalls, ['read_media_file', { path: join(files, 'photo.png') }]],
    },
    {
      name: 'memory',
      transport: 'stdio',
      args: [join(official, 'server-memory/dist/index.js')],
      calls: [
        ['create_entities', { entities: [{ name: 'a', entityType: 'b', observations: ['c'] }] }],
        ['read_graph', {}],
      ],
    },
    { name: 'everything', transport: 'stdio', args: [everything], calls: everythingCalls },
    {
      name: 'everything-sse',
      transport: 'sse',
      args: [everything, 'sse'],
      path: '/sse',
      calls: everythingCalls,
    },
    {
      // Once restarted it answers 400 “No valid session ID provided” to the session of before.
      name: 'everything-http',
      transport: 'http',
      args: [everything, 'streamableHttp'],
      path: '/mcp',
      calls: everythingCalls,
    },
    {
      name: 'thinking',
      transport: 'stdio',
      args: [join(official, 'server-sequential-thinking/dist/index.js')],
      calls: [
        [
          'sequentialthinking',
          { thought: 'one', nextThoughtNeeded: true, thoughtNumber: 1, totalThoughts: 2 },
        ],
      ],
    },
    {
      // Its schemas have no `type`.
      name: 'obsidian',
      transport: 'stdio',
      args: [asInstalledAlone(dir), files],
      calls: [
        ['search_notes', { query: 'note' }],
        ['read_notes', { paths: ['note.md'] }],
      ],
    },
    {
      // The page of its app has 4.3 MB.
      name: 'pdf',
      transport: 'stdio',
      args: [join(official, 'server-pdf/dist/index.js'), '--stdio'],
      calls: [['list_pdfs', {}]],
      reads: ['ui://pdf-viewer/mcp-app.html'],
    },
    {
      // Once restarted it answers 404 to the session of before, and 404 to `server/discover`.
      name: 'supergateway',
      transport: 'http',
      args: [
        join(modules, 'supergateway/dist/index.js'),
        ...['--outputTransport', 'streamableHttp', '--stateful', '--logLevel', 'none', '--stdio'],
        `${process.execPath} ${join(official, 'server-filesystem/dist/index.js')} ${files}`,
      ],
      path: '/mcp',
      calls: fileCalls,
    },
    {
      // Once restarted it answers 400 to the session of before, in words of its own; its capabilities are odd.
      name: 'openapi',
      transport: 'http',
      args: [
        join(modules, '@ivotoby/openapi-mcp-server/bin/mcp-server.js'),
        ...['--transport', 'http', '--api-base-url', api, '--openapi-spec', join(dir, 'api.json')],
      ],
      path: '/mcp',
      calls: [['get-tide', { harbour: 'north' }]],
    },
  ]
}

/**
 * mcp-obsidian as `npx` finds it: alone in its folder npm gives it zod 4, which it does not name and for which its own library of JSON
 * schemas is too old. Beside other packages it would get another zod, and would not be what users have.
 */
function asInstalledAlone(dir: string): string {
  const alone = join(dir, 'alone/node_modules')
  const from = join(modules, 'mcp-obsidian')
  const inner = (name: string) => [join(from, 'node_modules', name), join(modules, name)].find(existsSync)!
  mkdirSync(join(alone, '@modelcontextprotocol'), { recursive: true })
  cpSync(join(from, 'dist'), join(alone, 'mcp-obsidian/dist'), { recursive: true })
  cpSync(join(from, 'package.json'), join(alone, 'mcp-obsidian/package.json'))
  symlinkSync(inner('@modelcontextprotocol/sdk'), join(alone, '@modelcontextprotocol/sdk'))
  symlinkSync(inner('glob'), join(alone, 'glob'))
  symlinkSync(join(modules, 'zod'), join(alone, 'zod'))
  // Its own copy, so that it, too, finds that zod.
  cpSync(inner('zod-to-json-schema'), join(alone, 'zod-to-json-schema'), { recursive: true })
  return join(alone, 'mcp-obsidian/dist/index.js')
}

/** What the servers above read. Returns a folder's address of an API, and what ends it. */
export async function layOut(dir: string): Promise<{ api: string; close(): void }> {
  const files = join(dir, 'files')
  mkdirSync(files, { recursive: true })
  writeFileSync(join(files, 'note.md'), '# A note\n')
  writeFileSync(join(files, 'photo.png'), Buffer.alloc(2_500_000, 7))
  const parameter = { name: 'harbour', in: 'query', schema: { type: 'string' } }
  const get = {
    operationId: 'getTide',
    summary: 'Tells the tide',
    parameters: [parameter],
    responses: { 200: { description: 'ok' } },
  }
  const description = {
    openapi: '3.0.0',
    info: { title: 'Tides', version: '1' },
    paths: { '/tide': { get } },
  }
  writeFileSync(join(dir, 'api.json'), JSON.stringify(description))
  const server: Server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ asked: request.url, high: '06:00' }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A program of one line that is the server, to be packed as a package. */
export function launcher(dir: string, { name, args }: NpmServer): string {
  const path = join(dir, 'launchers', `${name}.mjs`)
  mkdirSync(dirname(path), { recursive: true })
  const [entry, ...rest] = args
  writeFileSync(
    path,
    `process.argv.splice(1, 9, ${JSON.stringify(entry)}, ...${JSON.stringify(rest)})\nawait import(${JSON.stringify(`file://${entry}`)})\n`,
  )
  readFileSync(path)
  return path
}
