import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Server } from '../src/contract/servers.ts'
import {
  type ProtectedServer,
  startProtectedServer,
} from '../src/servers/sign-in/testing/fixture-protected-server.ts'
import { newDataDir, type RunningHost, startHost } from './fixtures/host.ts'

/**
 * Signing in to a server that wants it, from the command line of the program as it is built, with a real authorization server,
 * to the answer that a client gets: and what has to be so afterwards.
 */
const dataDir = newDataDir()
let there: ProtectedServer
let host: RunningHost
let clientKey = ''
let name = ''

beforeAll(async () => {
  there = await startProtectedServer()
  host = await startHost({ dataDir })
  const made = await host.json<{ token: string }>(
    'key',
    'create',
    '--name',
    'Client',
    '--access',
    'everything',
  )
  clientKey = made.token
}, 60_000)
afterAll(async () => {
  await host?.stop()
  await there?.close()
})

async function ask(method: string, params: object = {}) {
  const response = await fetch(host.mcp, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${clientKey}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return (await response.json()) as {
    result?: { tools?: { name: string }[]; content?: { text: string }[]; isError?: boolean }
    error?: unknown
  }
}
const toolNames = async () => (await ask('tools/list')).result!.tools!.map((tool) => tool.name)

async function until(state: Server['state']): Promise<Server> {
  for (let tries = 0; tries < 100; tries += 1) {
    const [server] = await host.json<Server[]>('server', 'list')
    if (server?.state === state) return server
    await sleep(100)
  }
  throw new Error(`it never became ${state}`)
}
async function signIn(): Promise<string> {
  const page = await host.cli('server', 'sign-in', name, '--no-wait')
  const back = await there.browse(page.stdout.trim())
  expect(back.hostname).toMatch(/^(127\.0\.0\.1|localhost|\[::1\])$/)
  const shown = await (await fetch(back)).text()
  await until('running')
  return shown
}

it('a server that wants a sign-in says so, and offers nothing before', async () => {
  const added = await host.cli('server', 'add', 'Notes', '--url', there.url)
  expect(added.stdout + added.stderr).toMatch(/sign/i)
  name = (await until('signed-out')).slug
  expect((await toolNames()).filter((tool) => tool.startsWith(name))).toEqual([])
})

it('after the sign-in in the browser a client uses its tools', async () => {
  expect(await signIn()).toContain('You can go back to Drawbridge.')
  const tools = (await toolNames()).filter((tool) => tool.startsWith(`${name}__`))
  expect(tools.length).toBeGreaterThan(0)
  const { result } = await ask('tools/call', { name: `${name}__read_note`, arguments: {} })
  expect(result?.isError ?? false, JSON.stringify(result)).toBe(false)
  expect(there.tokens.size).toBeGreaterThan(0)
})

it('the tokens are in the vault only, and never those that the client brought', () => {
  for (const token of there.tokens) {
    expect(token).not.toBe(clientKey)
    for (const file of ['drawbridge.db', 'activity.db', 'drawbridge.log'])
      expect(readFileSync(join(dataDir, file)).includes(token), file).toBe(false)
    expect(host.output()).not.toContain(token)
  }
})

it('it lasts over a restart, and a token that has ended is renewed unseen', async () => {
  await host.stop()
  host = await startHost({ dataDir })
  await until('running')
  there.expire()
  const { result } = await ask('tools/call', { name: `${name}__read_note`, arguments: {} })
  expect(result?.isError ?? false, JSON.stringify(result)).toBe(false)
}, 60_000)

it('signing out ends it', async () => {
  expect((await host.cli('server', 'sign-out', name)).code).toBe(0)
  await until('signed-out')
  // Names stay as clients know them, for whoever signs in again.
  const { result } = await ask('tools/call', { name: `${name}__read_note`, arguments: {} })
  expect(result?.isError).toBe(true)
  expect(result!.content![0]!.text).toMatch(/sign/i)
})
