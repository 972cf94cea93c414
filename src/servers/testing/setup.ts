import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Parsed } from '../../contract/api.ts'
import type { Server } from '../../contract/servers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import type { Exchange, Raw } from '../../mcp/tool-source.ts'
import { openDatabase } from '../../storage/database/database.ts'
import { isLearnt, type Vault } from '../../storage/vault/vault.ts'
import type { ServerSource } from '../lifecycle/source.ts'
import type { Timings } from '../lifecycle/timings.ts'
import type { Servers } from '../registry/interface.ts'
import { createServers } from '../registry/servers.ts'

export const node = process.execPath
export const fixture = join(import.meta.dirname, 'fixture-server.mjs')
export const full = join(import.meta.dirname, 'fixture-full.mjs')
export const odd = join(import.meta.dirname, 'fixture-odd.mjs')
export const modern = join(import.meta.dirname, 'fixture-modern.mjs')
const modules = join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol')
export const everything = join(modules, 'server-everything/dist/index.js')
export const filesystem = join(modules, 'server-filesystem/dist/index.js')

const open: (() => Promise<void>)[] = []

/** Ends and deletes whatever `setUp` made. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()))
}

export function setUp(timings: Partial<Timings> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-servers-'))
  const { db } = openDatabase(join(dir, 'test.db'), silentLog)
  const redactor = createRedactor()
  const secrets = new Map<string, string>()
  // As the real ones do: whatever passes through is never shown again.
  const vault: Vault = {
    status: { kind: 'file', message: '', hint: '' },
    get: async (name) => secrets.get(name) ?? null,
    set: async (name, value) => {
      if (isLearnt(name)) redactor.add(value)
      secrets.set(name, value)
    },
    delete: async (name) => void secrets.delete(name),
  }
  let ahead = 0
  const clock: Clock & { skip(milliseconds: number): void } = {
    now: () => Date.now() + ahead,
    skip: (milliseconds) => {
      ahead += milliseconds
    },
  }
  const made: Servers[] = []
  const create = (
    more: {
      maxServers?(): number
      largestAnswer?(): number
      dataDir?: string
      env?: NodeJS.ProcessEnv
      addresses?(): string[]
    } = {},
  ) => {
    const servers = createServers({
      db,
      vault,
      clock,
      log: silentLog,
      redactor,
      env: { PATH: process.env.PATH, HOME: dir, LANG: 'C.UTF-8' },
      version: '1.2.3',
      timings,
      largestAnswer: () => 4_000_000,
      ...more,
    })
    made.push(servers)
    return servers
  }
  const servers = create()
  open.push(async () => {
    for (const one of made) await one.stop()
    db.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return {
    dir,
    db,
    vault,
    secrets,
    clock,
    redactor,
    servers,
    /** The same data in another life of the host. */
    create,
  }
}
export type SetUp = ReturnType<typeof setUp>

export const stdio = (
  name: string,
  args: string[],
  more: Partial<Extract<Parsed<'servers.add'>, { kind: 'stdio' }>> = {},
): Parsed<'servers.add'> => ({
  kind: 'stdio',
  name,
  command: node,
  args,
  env: {},
  timeout: 30_000,
  ...more,
})

/** What is behind one request: by default a client that cannot do anything, and its own for each. */
export const exchange = (more: Partial<Exchange> = {}): Exchange => ({
  signal: new AbortController().signal,
  client: 'one',
  capabilities: {},
  ...more,
})

export const server = (servers: Servers, name: string): Server =>
  servers.list().find((one) => one.name === name)!

export const sourceOf = (servers: Servers, slug: string): ServerSource =>
  servers.sources().find((one) => one.slug === slug)!

export const textOf = (result: Raw): string => {
  const [first] = result.content as { type: string; text: string }[]
  return first?.type === 'text' ? first.text : JSON.stringify(result)
}

export async function callText(
  servers: Servers,
  slug: string,
  tool: string,
  args: Record<string, unknown> = {},
): Promise<string> {
  return textOf(await sourceOf(servers, slug).call(tool, args, exchange()))
}

/** Whether a process lives; one that is dead and only not collected yet (state Z) does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Living processes whose command line holds `text`. */
export function livingWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text) && isAlive(pid)
        )
      } catch {
        return false
      }
    })
}

export async function until(check: () => boolean, milliseconds = 5_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !check(); ) {
    if (Date.now() > end) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
