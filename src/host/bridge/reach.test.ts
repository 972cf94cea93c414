import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { originOfTunnel } from '../../mcp/tunnelled.ts'
import { type Database, openDatabase } from '../../storage/database/database.ts'
import { noReserve } from '../../storage/reserve.ts'
import { createSettings } from '../../storage/settings.ts'
import type { Tunnel } from '../../tunnel/tunnel.ts'
import { Reach } from './reach.ts'

const [ours, others] = ['a', 'b'].map((digit) => originOfTunnel(`tunnel_${digit.repeat(32)}`)) as [
  string,
  string,
]
let folder: string
let db: Database
let reach: Reach
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-reach-'))
  db = openDatabase(join(folder, 'test.db'), silentLog).db
  reach = new Reach(createSettings(db), systemClock, noReserve)
  reach.port = 4000
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true })
})
const leads = (origin: string | null) => {
  reach.tunnel = { state: () => ({ origin }) } as Tunnel
}

it('for our own tunnel without an address people sign in at this computer; for any other origin, at that', () => {
  leads(ours)
  expect(reach.signsInAt(ours)).toBe('http://127.0.0.1:4000')
  for (const origin of [others, 'https://bridge.example', 'http://localhost:4000'])
    expect(reach.signsInAt(origin)).toBe(origin)
  for (const now of [others, 'https://bridge.example', null]) {
    leads(now)
    expect(reach.signsInAt(ours), String(now)).toBe(ours)
  }
})
