import { mkdtempSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { openDatabase } from '../../storage/database/database.ts'
import { createSettings } from '../../storage/settings.ts'
import type { Vault } from '../../storage/vault/vault.ts'
import { createAuthorizationServer } from '../authorization-server.ts'

let listening: Server
afterEach(() => void listening?.close())

it('opens while the keychain is locked, and works once it is unlocked', async () => {
  let locked = true
  const kept = new Map<string, string>()
  const check = () => {
    if (locked)
      throw new HostError({ code: 'keychain-unavailable', told: { message: 'Locked.', hint: 'Unlock it.' } })
  }
  const vault: Vault = {
    status: { kind: 'keychain', message: '', hint: '' },
    async get(name) {
      check()
      return kept.get(name) ?? null
    },
    async set(name, value) {
      check()
      kept.set(name, value)
    },
    async delete(name) {
      check()
      kept.delete(name)
    },
  }
  const { db } = openDatabase(join(mkdtempSync(join(tmpdir(), 'drawbridge-locked-')), 'd.db'), silentLog)
  let origin = ''
  const server = await createAuthorizationServer({
    db,
    vault,
    settings: createSettings(db),
    clock: systemClock,
    log: silentLog,
    origins: () => [origin],
    workspaces: () => ['default'],
    onTraffic: () => {},
  })
  listening = createServer((req, res) => server.handle(req, res, origin))
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`

  const register = () =>
    fetch(`${origin}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'A', redirect_uris: ['http://127.0.0.1:1/cb'] }),
    })
  const refused = await register()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('30')
  expect(await refused.text()).toMatch(/keychain/)

  const { token } = server.grants.createKey({ name: 'Mine', access: 'ask', workspace: 'default' })
  expect((await server.authenticate(`Bearer ${token}`, `${origin}/mcp`)).ok).toBe(true)

  locked = false
  expect((await register()).status).toBe(201)
  expect(kept.size).toBe(1)
  server.stop()
  db.close()
})
