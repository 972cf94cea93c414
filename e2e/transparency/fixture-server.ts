/**
 * An MCP server with everything that the official conformance suite looks for, under the suite's names, made with the official
 * SDK. The suite is run against it directly and again with Drawbridge in between: both must score the same.
 *
 *   node fixture-server.ts --stdio          both eras, whichever the client opens with
 *   node fixture-server.ts --stdio-2025     the 2025 era alone: newer openings are refused, as by a server that is older than they are
 *   node fixture-server.ts --http 8080      both eras at http://127.0.0.1:8080/mcp, the 2025 one with sessions; 0 takes any port
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  createRequestStateCodec,
  InMemoryServerEventBus,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { addContents } from './fixture-contents.ts'
import { addElicitation } from './fixture-elicitation.ts'
import { addTools, annotations, type Changes, text } from './fixture-tools.ts'
import { rememberEvents } from './remember-events.ts'

const states = createRequestStateCodec<{ round: number }>({ key: randomBytes(32) })

interface Fixture {
  mcp: McpServer
  /** What this client of the 2025 era wants to hear of. */
  watched: Set<string>
  /** Shows or hides what comes and goes; the SDK tells the client. */
  follow(): void
}

/** Whether the tool and the prompt that come and go are there, for all clients. */
const there = { tool: false, prompt: false }

function createFixture(era: 'legacy' | 'modern', changes: (self: Fixture) => Changes): Fixture {
  const mcp = new McpServer(
    { name: 'drawbridge-transparency-fixture', title: 'Everything', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        completions: {},
        logging: {},
      },
      instructions: 'Everything that the conformance suite looks for.',
      requestState: { verify: states.verify },
    },
  )
  const tool = mcp.registerTool(
    'test_comes_and_goes',
    { description: 'Is not always there', annotations },
    () => text('There.'),
  )
  const prompt = mcp.registerPrompt('test_comes_and_goes', { description: 'Is not always there' }, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'There.' } }],
  }))
  const fixture: Fixture = {
    mcp,
    watched: new Set(),
    follow() {
      if (tool.enabled !== there.tool) tool.update({ enabled: there.tool })
      if (prompt.enabled !== there.prompt) prompt.update({ enabled: there.prompt })
    },
  }
  fixture.follow()
  addTools(mcp, changes(fixture))
  addElicitation(mcp, states)
  addContents(mcp)
  if (era === 'legacy') {
    mcp.server.setRequestHandler('resources/subscribe', ({ params }) => {
      fixture.watched.add(params.uri)
      return {}
    })
    mcp.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
      fixture.watched.delete(params.uri)
      return {}
    })
  }
  return fixture
}

const updated = (fixture: Fixture, uri: string, always: boolean) => {
  if (always || fixture.watched.has(uri)) void fixture.mcp.server.sendResourceUpdated({ uri })
}

/** For a connection with one client. */
const alone = (fixture: Fixture, era: 'legacy' | 'modern'): Changes => ({
  tools: () => {
    there.tool = !there.tool
    fixture.follow()
  },
  prompts: () => {
    there.prompt = !there.prompt
    fixture.follow()
  },
  // in the 2026-07-28 era the SDK knows who listens
  resource: (uri) => updated(fixture, uri, era === 'modern'),
})

/** Resolves when it listens. `close` ends it and everything that is open. */
export async function startHttpFixture(port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const bus = new InMemoryServerEventBus()
  const sessions = new Map<
    string,
    { fixture: Fixture; transport: WebStandardStreamableHTTPServerTransport }
  >()
  const everybody: Changes = {
    tools: () => {
      there.tool = !there.tool
      modern.notify.toolsChanged()
      for (const { fixture } of sessions.values()) fixture.follow()
    },
    prompts: () => {
      there.prompt = !there.prompt
      modern.notify.promptsChanged()
      for (const { fixture } of sessions.values()) fixture.follow()
    },
    resource: (uri) => {
      modern.notify.resourceUpdated(uri)
      for (const { fixture } of sessions.values()) updated(fixture, uri, false)
    },
  }
  const modern = createMcpHandler(() => createFixture('modern', () => everybody).mcp, {
    legacy: 'reject',
    bus,
  })

  const openSession = async () => {
    const fixture = createFixture('legacy', () => everybody)
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, { fixture, transport }),
      onsessionclosed: (id) => void sessions.delete(id),
      eventStore: rememberEvents(),
      retryInterval: 100,
    })
    await fixture.mcp.connect(transport)
    return transport
  }
  const answer = async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname !== '/mcp') return new Response('Not found', { status: 404 })
    if (!(await isLegacyRequest(request))) return modern.fetch(request)
    const id = request.headers.get('mcp-session-id')
    const session = id === null ? undefined : sessions.get(id)
    if (session) return session.transport.handleRequest(request)
    if (id !== null) return new Response('Session not found', { status: 404 })
    return (await openSession()).handleRequest(request)
  }

  const node = toNodeHandler({ fetch: answer })
  const [hostAllowed, originAllowed] = [localhostHostValidation(), localhostOriginValidation()]
  const server = createServer((request, response) => {
    if (hostAllowed(request, response) && originAllowed(request, response)) void node(request, response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: bound } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${bound}/mcp`,
    async close() {
      await modern.close()
      for (const { transport } of sessions.values()) await transport.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [mode, port] = process.argv.slice(2)
  if (mode === '--stdio') {
    serveStdio(({ era }) => createFixture(era, (self) => alone(self, era)).mcp)
  } else if (mode === '--stdio-2025') {
    await createFixture('legacy', (self) => alone(self, 'legacy')).mcp.connect(new StdioServerTransport())
  } else if (mode === '--http') {
    const { url } = await startHttpFixture(Number(port ?? 0))
    console.log(url)
  } else {
    console.error('Usage: fixture-server.ts --stdio | --stdio-2025 | --http PORT')
    process.exit(2)
  }
}
