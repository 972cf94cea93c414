import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import { type Database, openDatabase } from '../../storage/database/database.ts'
import { createSettings } from '../../storage/settings.ts'
import type { Vault } from '../../storage/vault/vault.ts'
import { createAuthorizationServer } from '../authorization-server.ts'
import type { AuthorizationServer, AuthorizationServerDeps } from '../interface.ts'
import { issuerOf } from '../provider/issuers.ts'

export interface Stage {
  origin: string
  resource: string
  /** The issuer that `resource` names; the origin at first. */
  issuer: string
  readonly server: AuthorizationServer
  readonly db: Database
  dir: string
  clock: Clock & { advance(ms: number): void }
  traffic: Traffic[]
  log: { level: string; event: string; fields: Record<string, unknown> | undefined }[]
  /** Another origin that the same listener answers to, as if a tunnel led here. */
  publicOrigin: string
  /** The workspaces there are; tests add and remove. */
  workspaces: string[]
  /** Makes `workspace` the one that apps connect to. */
  use(workspace: string): void
  /** Another address from now on, a new one or one of before. The old one is still heard, but no longer ours. */
  move(to?: string): Promise<void>
  /** Stops the authorization server and starts a new one on the same files. */
  restart(): Promise<void>
  counts(): Record<string, number>
  /** Every byte of the database files. */
  bytes(): Buffer
  close(): Promise<void>
}

/** A vault that lives as long as the stage: what is under test is what is kept in it, not where. */
function memoryVault(): Vault {
  const values = new Map<string, string>()
  return {
    status: { kind: 'file', message: '', hint: '' },
    get: async (name) => values.get(name) ?? null,
    set: async (name, value) => void values.set(name, value),
    delete: async (name) => void values.delete(name),
  }
}

/** The authorization server on a real socket, over a real database in a folder of its own. */
export async function openStage(options: Partial<AuthorizationServerDeps> = {}): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-oauth-'))
  let ahead = 0
  const clock = {
    now: () => Date.now() + ahead,
    advance(ms: number) {
      ahead += ms
    },
  }
  const traffic: Traffic[] = []
  const entries: Stage['log'] = []
  const keep = (level: string) => (event: string, fields?: Record<string, unknown>) =>
    void entries.push({ level, event, fields })
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
  const vault = memoryVault()
  const publicOrigin = 'https://bridge.example'
  const hosts = new Map<string, string>([['bridge.example', publicOrigin]])

  let server: AuthorizationServer
  let db: Database
  const listeners: Server[] = []
  const listen = async (): Promise<string> => {
    const http = createServer((req: IncomingMessage, res: ServerResponse) => {
      // tests name the public host by a header, because fetch will not send another Host
      const asked = hosts.get(String(req.headers['x-test-host'] ?? req.headers.host))
      server.handle(req, res, asked ?? own)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    listeners.push(http)
    const own = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    hosts.set(new URL(own).host, own)
    return own
  }
  const origin = await listen()
  const workspaces = ['default', 'home']

  const start = async () => {
    db = openDatabase(join(dir, 'drawbridge.db'), log).db
    server = await createAuthorizationServer({
      db,
      settings: createSettings(db),
      vault,
      clock,
      log,
      origins: () => [...hosts.values()],
      workspaces: () => workspaces,
      onTraffic: (event) => void traffic.push(event),
      registrationsPerHour: 10_000,
      ...options,
    })
  }
  await start()

  const stage: Stage = {
    origin,
    resource: `${origin}/mcp`,
    issuer: origin,
    publicOrigin,
    workspaces,
    use(workspace) {
      const { id, resource } = issuerOf(stage.origin, workspace)
      Object.assign(stage, { issuer: id, resource })
    },
    async move(to) {
      const before = stage.origin
      stage.origin = to ?? (await listen())
      hosts.set(new URL(stage.origin).host, stage.origin)
      hosts.delete(new URL(before).host)
      stage.use('default')
    },
    get server() {
      return server
    },
    get db() {
      return db
    },
    dir,
    clock,
    traffic,
    log: entries,
    async restart() {
      server.stop()
      db.close()
      await start()
    },
    counts() {
      const tables = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .all() as { name: string }[]
      return Object.fromEntries(
        tables.map(({ name }) => [
          name,
          (db.prepare(`SELECT count(*) AS n FROM "${name}"`).get() as { n: number }).n,
        ]),
      )
    },
    bytes: () => Buffer.concat(readdirSync(dir).map((file) => readFileSync(join(dir, file)))),
    async close() {
      server.stop()
      for (const http of listeners) {
        http.closeAllConnections()
        await new Promise((resolve) => http.close(resolve))
      }
      db.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return stage
}
