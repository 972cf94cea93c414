import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Bridge, Status } from '../../contract/status.ts'
import type { TunnelWay } from '../../contract/tunnel.ts'
import { createHost } from '../create-host.ts'
import type { Host } from '../host.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-led-'))
let host: Host
let other: Server | undefined
const open = async () => {
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
}
const ask = async <T>(name: string, input: unknown = undefined): Promise<T> => {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(JSON.stringify(reply.error))
  return reply.value as T
}
const led = async (): Promise<number> => {
  const ways = await ask<TunnelWay[]>('tunnel.list')
  return Number(new URL(ways.find(({ id }) => id === 'own-address')!.leadsTo!).port)
}
const bridge = async (): Promise<Bridge> => (await ask<Status>('status.get')).bridge
const takes = async (port: number) => {
  other = createServer((_req, res) => res.end('another program'))
  other.listen(port, '127.0.0.1')
  await once(other, 'listening')
}
const leaves = async () => {
  other?.close()
  if (other?.listening) await once(other, 'close')
}
/** Ours answers nobody who asks for another address than one of its own. */
const answers = async (port: number): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null)
  return answer === null ? 'nobody' : (await answer.text()) === 'another program' ? 'other' : 'we'
}

afterEach(async () => {
  await host.stop()
  await leaves()
})

it('the port that an address of one’s own is led to is never changed without a word', async () => {
  await open()
  await ask('tunnel.use', { id: 'own-address', values: { address: 'https://bridge.example.com' } })
  const port = await led()
  expect(await answers(port)).toBe('we')
  await host.stop()
  await takes(port)
  await open()
  await expect.poll(async () => (await bridge()).message, { timeout: 5_000 }).toContain(String(port))
  const elsewhere = await led()
  expect(elsewhere).not.toBe(port)
  expect(await bridge()).toMatchObject({
    state: 'offline',
    hint: expect.stringContaining(`http://127.0.0.1:${elsewhere}`),
  })
  expect([await answers(port), await answers(elsewhere)]).toEqual(['other', 'we'])

  // It is ours again as soon as it can be, also after another start.
  await host.stop()
  await open()
  expect(await led()).not.toBe(port)
  await leaves()
  await ask('bridge.lower')
  await expect.poll(led, { timeout: 20_000 }).toBe(port)
  expect(await answers(port)).toBe('we')
  expect((await bridge()).message).not.toContain(String(port))
})

it('who leads the address to where we are now has said so', async () => {
  await open()
  const port = await led()
  await host.stop()
  await takes(port)
  await open()
  const elsewhere = await led()
  expect(elsewhere).not.toBe(port)
  await ask('tunnel.use', { id: 'own-address', values: {} })
  await host.stop()
  await leaves()
  await open()
  expect(await led()).toBe(elsewhere)
})
