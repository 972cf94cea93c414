import { auth, createMCPClient, type OAuthClientProvider } from '@ai-sdk/mcp'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { ConnectionRequest } from '../../src/contract/access.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { binOf, makeHome, run, signInWhenAsked } from '../fixtures/npm-client.ts'

/**
 * Clients that people install from npm sign in and call, as they come: the real programs with their own OAuth, their own files and
 * their own listener for the way back. Only the browser is ours, and reads the page as a person would.
 */
let at: InProcess
let home: ReturnType<typeof makeHome>
let seen: ConnectionRequest | null = null
beforeAll(async () => {
  at = await startInProcess({ notes: true })
  await at.ask('workspaces.create', { name: 'work', title: 'Work', sources: ['notes'] })
  home = makeHome()
}, 60_000)
afterAll(async () => {
  home?.remove()
  await at?.stop()
})
afterEach(async () => {
  await at.ask('connect.close')
  for (const { id } of await at.ask('grants.list')) await at.ask('grants.revoke', { id })
})

const letIn = () =>
  at.letIn({
    seen: (request) => {
      seen = request
    },
  })

/** It gives its own helper five seconds to start, which a busy computer may not. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 5; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 0 || !/Bridge failed to start/.test(String(error))) throw error
    }
  }
}

it('mcp-remote, which makes a local server of ours, at a workspace', { timeout: 90_000 }, async () => {
  const browse = await letIn()
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [binOf('mcp-remote', 'mcp-remote'), `${at.local}/mcp/work`],
    ...{ env: home.env, cwd: home.home, stderr: 'pipe' },
  })
  let output = ''
  const client = new Client({ name: 'desktop', version: '1' })
  const connected = client.connect(transport)
  transport.stderr!.on('data', (chunk) => {
    output += chunk
  })
  await signInWhenAsked(() => output, browse)
  await connected
  expect(seen).toMatchObject({ registration: 'dynamic', workspace: 'work', needsDigits: true })
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name).sort()).toEqual(['notes__add_note', 'notes__read_notes'])
  const { content } = await client.callTool({ name: 'notes__add_note', arguments: { text: 'remotely' } })
  expect(content).toEqual([{ type: 'text', text: expect.stringContaining('remotely') }])
  await client.close()
})

it('mcporter, a command line that registers itself', { timeout: 90_000 }, async () => {
  const browse = await letIn()
  const mcporter = (...args: string[]) => run(binOf('mcporter', 'mcporter'), args, home.env, home.home)
  const url = ['--http-url', `${at.local}/mcp`, '--allow-http', '--name', 'bridge']
  const signing = mcporter('auth', ...url)
  await signInWhenAsked(signing.output, browse)
  await signing.ended
  expect(seen).toMatchObject({ registration: 'dynamic', redirectHost: '127.0.0.1', workspace: 'default' })
  const called = mcporter(
    'call',
    ...url,
    '--tool',
    'notes__add_note',
    '--no-oauth',
    '--args',
    '{"text":"porter"}',
  )
  expect(await called.ended).toContain('porter')
})

it('mcpc, a command line that is known by a metadata document', { timeout: 90_000 }, async () => {
  const browse = await letIn()
  const mcpc = (...args: string[]) => run(binOf('@apify/mcpc', 'mcpc'), args, home.env, home.home)
  // its maker publishes none; this one is pinned, so that no test needs the internet
  const document = 'https://opencode.ai/oauth/opencode/client.json'
  const signing = mcpc('login', `${at.local}/mcp`, '--client-metadata-url', document)
  const asked = await signInWhenAsked(signing.output, browse)
  await signing.ended
  expect(asked.searchParams.get('client_id')).toBe(document)
  expect(seen).toMatchObject({
    registration: 'metadata-document',
    clientName: 'opencode',
    clientId: document,
  })
  try {
    await patiently(() => mcpc('connect', `${at.local}/mcp`, '@bridge').ended)
    const called = await mcpc('--json', '@bridge', 'tools-call', 'notes__add_note', 'text:=by mcpc').ended
    expect(called).toContain('by mcpc')
  } finally {
    await mcpc('close', '@bridge').ended.catch(() => {})
  }
})

it('the client of the AI SDK', { timeout: 90_000 }, async () => {
  const browse = await letIn()
  const redirect = 'http://localhost:3210/callback'
  const kept: Record<string, unknown> = {}
  let asked: URL | null = null
  const authProvider: OAuthClientProvider = {
    redirectUrl: redirect,
    clientMetadata: {
      client_name: 'AI SDK app',
      redirect_uris: [redirect],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    tokens: () => kept.tokens as never,
    saveTokens(tokens) {
      kept.tokens = tokens
    },
    codeVerifier: () => kept.verifier as string,
    saveCodeVerifier(verifier) {
      kept.verifier = verifier
    },
    clientInformation: () => kept.client as never,
    saveClientInformation(client) {
      kept.client = client
    },
    isClientInformationDynamicallyRegistered: () => true,
    authorizationServerInformation: () => kept.server as never,
    saveAuthorizationServerInformation(server) {
      kept.server = server
    },
    state: () => 'a-state-of-the-app',
    saveState(state) {
      kept.state = state
    },
    storedState: () => kept.state as string,
    redirectToAuthorization(url) {
      asked = url
    },
  }
  const serverUrl = `${at.local}/mcp`
  const connect = () => createMCPClient({ transport: { type: 'http', url: serverUrl, authProvider } })
  await expect(connect()).rejects.toThrow()
  const back = (await browse(asked!, redirect)).searchParams
  const outcome = await auth(authProvider, {
    serverUrl,
    authorizationCode: back.get('code')!,
    callbackState: back.get('state')!,
    callbackIssuer: back.get('iss')!,
  })
  expect(outcome).toBe('AUTHORIZED')
  expect(seen).toMatchObject({ clientName: 'AI SDK app', registration: 'dynamic' })
  const client = await connect()
  try {
    const tools = await client.tools()
    expect(Object.keys(tools)).toContain('notes__add_note')
    const result = await tools.notes__add_note!.execute!({ text: 'by the SDK' }, {
      messages: [],
      toolCallId: 'one',
    } as never)
    expect(JSON.stringify(result)).toContain('by the SDK')
  } finally {
    await client.close()
  }
})
