import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { type LocaltunnelServer, startLocaltunnelServer } from '../../fixtures/localtunnel.ts'
import { json } from './guide.ts'

/**
 * GBrain's guide, step 3: `ngrok http 3131 --url your-brain.ngrok.app`, so that the address that ChatGPT was given stays. Adapted: nobody
 * types the name; each way keeps the one that it had first. What each program is told for that: `src/tunnel/providers/contract.test.ts`.
 */
let dataDir: string
let service: LocaltunnelServer
let at: InProcess | undefined
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-fixed-name-'))
  service = await startLocaltunnelServer()
})
afterEach(async () => {
  await at?.stop()
  at = undefined
  await service.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(): Promise<InProcess> {
  at = await startInProcess({ dataDir, tunnelHost: service.host })
  return at
}
async function address(host: InProcess): Promise<string> {
  await expect.poll(async () => (await host.ask('status.get')).bridge.state, { timeout: 20_000 }).toBe('open')
  return (await host.ask('status.get')).bridge.publicUrl!
}

it('GBrain, step 3, fixed tunnel name: after each start the address and its issuer are those of before, and who was let in stays in', async () => {
  const first = await start()
  await first.ask('bridge.lower')
  const origin = new URL(await address(first)).origin
  const { token } = await first.ask('keys.create', { name: 'chatgpt' })
  const asked = async () => {
    const answer = await service.fetch(`${origin}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    })
    return answer.status
  }
  const issuer = async () =>
    json(await service.fetch(`${origin}/.well-known/oauth-authorization-server`)).then(
      (found) => found.issuer,
    )
  expect([await asked(), await issuer()]).toEqual([200, origin])
  for (let starts = 0; starts < 2; starts += 1) {
    await at?.stop()
    const next = await start()
    expect(new URL(await address(next)).origin).toBe(origin)
    expect([await asked(), await issuer()]).toEqual([200, origin])
  }
}, 120_000)
