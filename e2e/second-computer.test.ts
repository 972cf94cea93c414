import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../src/cli/run.ts'
import type { Status } from '../src/contract/status.ts'
import { type Assistant, connectAssistant } from './fixtures/assistant.ts'
import { browserByHand } from './fixtures/browser-by-hand.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'
import { type LocaltunnelServer, startLocaltunnelServer } from './fixtures/localtunnel.ts'

/** Everything moves to another computer while the first one still runs; a real OAuth client notices nothing, through a real tunnel. */
const root = mkdtempSync(join(tmpdir(), 'drawbridge-second-'))
const passphrase = 'three words and more'
const file = join(root, 'home.drawbridge-backup')
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
const claude = {
  kind: 'metadata-document',
  clientId: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
  redirect: 'https://claude.ai/api/mcp/auth_callback',
} as const
let service: LocaltunnelServer
let first: InProcess
let second: InProcess
let assistant: Assistant
let address: string
let key: string

const bridgeIs = async (world: InProcess, wanted: (bridge: Status['bridge']) => boolean) => {
  for (let tries = 0; tries < 600; tries += 1) {
    const { bridge } = await world.ask('status.get')
    if (wanted(bridge)) return bridge
    await sleep(50)
  }
  throw new Error(JSON.stringify((await world.ask('status.get')).bridge))
}
/** The command line, over a data folder that nobody uses. */
async function drawbridge(...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await run([...argv, '--data', join(root, 'second')], {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    width: undefined,
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file', PHRASE: passphrase },
    cwd: root,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}
const withKey = () =>
  service.fetch(`${address}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${key}`,
    },
    body: JSON.stringify(listTools),
  })

beforeAll(async () => {
  service = await startLocaltunnelServer()
  first = await startInProcess({ tunnelHost: service.host, dataDir: join(root, 'first'), notes: true })
  await first.ask('bridge.lower')
  address = new URL((await bridgeIs(first, ({ state }) => state === 'open')).publicUrl!).origin
  await first.ask('connect.open', { client: 'claude' })
  const browse = browserByHand(async (digits) => {
    const [request] = await first.ask('connections.list')
    await first.ask('connections.approve', { id: request!.id, digits, access: 'everything', tools: null })
  }, service.fetch)
  assistant = await connectAssistant(`${address}/mcp`, claude, browse, service.fetch)
  await assistant.post({
    ...{ jsonrpc: '2.0', id: 2, method: 'tools/call' },
    params: { name: 'notes__read_notes', arguments: {} },
  })
  key = (await first.ask('keys.create', { name: 'Script' })).token
}, 60_000)
afterAll(async () => {
  await second?.stop()
  await first?.stop()
  await service?.stop()
  rmSync(root, { recursive: true, force: true })
})

describe('a second computer', () => {
  it('gets everything as one encrypted file', async () => {
    const { id } = await first.ask('backup.create', { passphrase, log: true })
    const parts: Buffer[] = []
    for (let from: number | null = 0; from !== null; ) {
      const part: { data: string; next: number | null } = await first.ask('backup.read', { id, from })
      parts.push(Buffer.from(part.data, 'base64'))
      from = part.next
    }
    writeFileSync(file, Buffer.concat(parts))
    expect(readFileSync(file, 'latin1')).not.toContain('claude.ai')

    expect(await drawbridge('backup', 'restore', file, '--passphrase-env', 'NONE')).toMatchObject({ code: 2 })
    expect(await drawbridge('backup', 'restore', file, '--passphrase-env', 'PHRASE')).toMatchObject({
      code: 2,
      err: expect.stringContaining('nobody is there to be asked'),
    })
    const restored = await drawbridge('backup', 'restore', file, '--passphrase-env', 'PHRASE', '--yes')
    expect(restored).toMatchObject({ code: 0 })
    expect(restored.out).toContain('Start Drawbridge')
    expect(restored.err).toContain(address)
  })

  it('sees that the address is in use, and leaves it there', async () => {
    second = await startInProcess({ tunnelHost: service.host, dataDir: join(root, 'second') })
    const bridge = await bridgeIs(second, ({ state }) => state === 'taken')
    expect(bridge).toMatchObject({
      elsewhere: true,
      message: 'Your public address is in use on another computer.',
    })
    expect((await first.ask('status.get')).bridge.state).toBe('open')
    expect((await assistant.post(listTools)).status).toBe(200)
    const { notices } = await second.ask('status.get')
    expect(notices.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Everything was restored/),
    )
  })

  it('has the address once the first one has gone, and nobody signs in anew', async () => {
    await first.stop()
    await second.ask('tunnel.takeOver')
    const bridge = await bridgeIs(second, ({ state }) => state === 'open')
    expect(new URL(bridge.publicUrl!).origin).toBe(address)
    expect(bridge.elsewhere).toBeUndefined()
    const answer = await assistant.post(listTools)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('notes__add_note')
    await assistant.refresh(service.fetch)
    expect((await assistant.post(listTools)).status).toBe(200)
    expect((await withKey()).status).toBe(200)
    expect(await second.ask('connections.list')).toEqual([])
    const grants = await second.ask('grants.list')
    expect(grants.filter(({ kind }) => kind === 'client')).toHaveLength(1)
  })

  it('keeps the log whole, though another computer began it', async () => {
    const check = await second.ask('activity.check')
    expect(check.rows).toBeGreaterThan(0)
    expect(check).toMatchObject({ changed: [], missing: 0, unsealed: 0, isMarked: true })
  })
})
