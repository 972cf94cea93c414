import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Input } from '../src/contract/api.ts'
import { type MeasuredHost, startMeasuredHost } from './fixtures/measured-host.ts'
import { rawClient } from './soak/soak-clients.ts'

/** Nothing of a request may outlive V8's nursery: decision 12. What does is collected by full collections, which hold every call up. */
const program = fileURLToPath(new URL('./soak/echo-server.ts', import.meta.url))
const calls = 3_000
let host: MeasuredHost
let pool: Pool

beforeAll(async () => {
  host = await startMeasuredHost()
  pool = new Pool(new URL(host.mcpUrl).origin, { connections: 8 })
  const server = { kind: 'stdio', name: 'stdio', command: process.execPath, args: [program, '--stdio'] }
  await host.addServer(server as Input<'servers.add'>)
  await host.ask('preferences.set', { requestsPerMinute: null })
}, 60_000)
afterAll(async () => {
  await pool?.destroy()
  await host?.stop()
})

it.each(['session', 'modern'] as const)(
  'a call leaves nothing behind among the old objects (%s)',
  { timeout: 120_000 },
  async (kind) => {
    const { token } = await host.ask('keys.create', { name: kind, access: 'everything' })
    const client = await rawClient(pool, token, kind)
    const load = async () => {
      let left = calls
      const lane = async () => {
        for (; left > 0; left -= 1) {
          const text = `call ${left}`
          expect((await client.call('stdio__echo', { text, wait: 0 }, false)).text).toBe(text)
        }
      }
      await Promise.all(Array.from({ length: 8 }, lane))
    }
    // What is compiled and cached on the way is old, and meant to be.
    await load()
    const before = await host.old()
    await load()
    const after = await host.old()
    const grown = Math.round((after.bytes - before.bytes) / calls)
    console.log(`${kind}: ${grown} bytes a call became old, ${after.majors - before.majors} full collections`)
    expect(after.majors).toBe(before.majors)
    expect(grown).toBeLessThan(1_500)
  },
)
