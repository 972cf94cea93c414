import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { surelyHeld } from '../../src/kernel/testing/held-thread.ts'
import { type MeasuredHost, startMeasuredHost } from '../fixtures/measured-host.ts'
import { type Attack, shapes } from './held-shapes.ts'

/**
 * Whatever a client, a server or a search asks for: the one thread is never held for longer than this. Milliseconds, on the machine
 * that `slowness` compares with.
 */
const limit = 100

let host: MeasuredHost
let attack: Attack

beforeAll(async () => {
  host = await startMeasuredHost()
  const server = fileURLToPath(new URL('./fixture-hostile-server.mjs', import.meta.url))
  await host.addServer({ kind: 'stdio', name: 'Hostile', command: process.execPath, args: [server] })
  const free = await host.ask('keys.create', { name: 'free', access: 'everything' })
  const asking = await host.ask('keys.create', { name: 'asking', access: 'ask' })
  const tokens = { free: free.token, asking: asking.token, nobody: 'nobody' }
  const origin = new URL(host.mcpUrl).origin
  const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  attack = {
    host,
    async post(body, as = 'free', headers = {}) {
      const abort = AbortSignal.timeout(as === 'asking' ? 1_500 : 20_000)
      const sent = { ...common, authorization: `Bearer ${tokens[as]}`, ...headers }
      try {
        const response = await fetch(host.mcpUrl, { method: 'POST', headers: sent, body, signal: abort })
        return await response.text()
      } catch (error) {
        // Who waits for approval is not answered in time.
        if (as === 'asking') return ''
        throw error
      }
    },
    async fetch(path, init = {}) {
      const response = await fetch(origin + path, { redirect: 'manual', ...init })
      return response.text()
    },
    async listen(uris) {
      const _meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
        'io.modelcontextprotocol/clientInfo': { name: 'hostile', version: '1' },
      }
      const params = { notifications: { resourceSubscriptions: uris }, _meta }
      const response = await fetch(host.mcpUrl, {
        method: 'POST',
        headers: {
          ...common,
          authorization: `Bearer ${tokens.free}`,
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'subscriptions/listen',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }),
      })
      const reader = response.body!.getReader()
      const { value } = await reader.read()
      await reader.cancel()
      return new TextDecoder().decode(value)
    },
  }
  // One is too long to be looked at whole, and waits for its owner.
  const waiting = (await host.ask('tools.list')).filter(({ review }) => review !== null)
  const accepted = waiting.map(({ id, review }) => ({ id, seen: review!.seen }))
  await host.ask('tools.accept', { tools: accepted })
  // Rows to search, and code that is warm: what is measured is the attack.
  for (let n = 0; n < 300; n += 1)
    await attack.post(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"hostile__plain","arguments":{"n":${n}}}}`,
    )
  await host.ask('preferences.set', { requestsPerMinute: null })
}, 120_000)
afterAll(() => host?.stop())

it(`${shapes.length} hostile shapes are more than forty`, () => {
  expect(shapes.length).toBeGreaterThanOrEqual(40)
  expect(new Set(shapes.map(({ name }) => name)).size).toBe(shapes.length)
})

it.each(shapes)(
  '$name',
  async ({ name, run, answer }) => {
    let said = ''
    const held = await surelyHeld(limit, async () => {
      await host.watch()
      const result = await run(attack)
      if (typeof result === 'string') said = result
      // What it left to be done: rows on their way into the table, lists that are read.
      await new Promise((resolve) => setTimeout(resolve, 300))
      const milliseconds = await host.held()
      // How fast the machine is changes within seconds, where others are on it.
      return milliseconds <= limit ? milliseconds : milliseconds / (await host.slowness())
    })
    if (process.env.SHOW_HELD) console.log(`${held.toFixed(1).padStart(7)} ms  ${name}`)
    expect(host.crashed()).toBeNull()
    if (answer) expect(answer.test(said), `${said.slice(0, 1_000)} is not ${answer}`).toBe(true)
    expect(held, `${name}: the thread was held for ${held.toFixed(0)} ms`).toBeLessThanOrEqual(limit)
  },
  60_000,
)
