/** For tests: the real tunnel server, a local listener, settings in a real database, and tunnels that are stopped after each test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type LocaltunnelServer, startLocaltunnelServer } from '../../../e2e/fixtures/localtunnel.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { type Database, openDatabase } from '../../storage/database/database.ts'
import { createSettings, type Settings } from '../../storage/settings.ts'
import type { Delays } from '../supervise.ts'
import { createTunnel, type Tunnel, type TunnelDeps, type TunnelState } from '../tunnel.ts'
import { type LocalApp, startApp } from './local-app.ts'

const instance = 'instance-1'
/** The shipped pauses, except where a test would only wait longer. */
const quick: Partial<Delays> = { probeEvery: 500, takenAfter: 1_500, lingerRetry: 300, takenRetry: 300 }

export interface House {
  service: LocaltunnelServer
  app: LocalApp
  settings: Settings
  begin(delays?: Partial<Delays>, at?: LocaltunnelServer, more?: Partial<TunnelDeps>): Tunnel
  opened(): Promise<{ tunnel: Tunnel; origin: string }>
  /** 0: no answer, as from a server whose client just left. */
  status(url: string): Promise<number>
  startApp(): Promise<LocalApp>
}

/** Call once per test file; the parts are there inside tests. */
export function house(): House {
  const tunnels: Tunnel[] = []
  let db: Database
  let folder: string
  const parts = {
    begin(delays = {}, at = parts.service, more = {}) {
      const tunnel = createTunnel({
        settings: parts.settings,
        clock: systemClock,
        log: silentLog,
        instance,
        localPort: () => parts.app.port,
        host: () => at.host,
        delays: { ...quick, ...delays },
        ...more,
      })
      tunnels.push(tunnel)
      return tunnel
    },
    async opened() {
      const tunnel = parts.begin()
      tunnel.want()
      const { origin } = await until(tunnel, 'ready')
      return { tunnel, origin: origin! }
    },
    status: (url) =>
      parts.service.fetch(url, { signal: AbortSignal.timeout(500) }).then(
        (answer) => answer.status,
        () => 0,
      ),
    startApp: () => startApp(instance),
  } as House
  beforeAll(async () => {
    parts.service = await startLocaltunnelServer()
  })
  afterAll(() => parts.service.stop())
  beforeEach(async () => {
    parts.app = await startApp(instance)
    folder = mkdtempSync(join(tmpdir(), 'drawbridge-tunnel-'))
    db = openDatabase(join(folder, 'test.db'), silentLog).db
    parts.settings = createSettings(db)
  })
  afterEach(async () => {
    await Promise.all(tunnels.splice(0).map((tunnel) => tunnel.stop()))
    await parts.app.close()
    db.close()
    rmSync(folder, { recursive: true })
  })
  return parts
}

export function until(
  tunnel: Tunnel,
  wanted: TunnelState['kind'] | TunnelState['kind'][],
): Promise<TunnelState> {
  const kinds = [wanted].flat()
  if (kinds.includes(tunnel.state().kind)) return Promise.resolve(tunnel.state())
  return new Promise((resolve) => {
    const off = tunnel.events.on('changed', (state) => {
      if (!kinds.includes(state.kind)) return
      off()
      resolve(state)
    })
  })
}

export function record(tunnel: Tunnel): TunnelState[] {
  const seen: TunnelState[] = []
  tunnel.events.on('changed', (state) => seen.push(state))
  return seen
}
