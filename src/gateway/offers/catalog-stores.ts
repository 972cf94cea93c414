import * as z from 'zod'
import { Risk } from '../../contract/tools.ts'
import { parseExact } from '../../kernel/exact-json.ts'
import type { Log } from '../../kernel/log/log.ts'
import { type KeptDefinition, pinnedPart } from '../../mcp/pinned.ts'
import type { Database } from '../../storage/database/database.ts'
import { inTransaction } from '../../storage/database/in-transaction.ts'
import type { KeptName, KeptNameStore } from './kept-names.ts'
import type { ServerPin, ServerPinStore } from './tools/server-pins.ts'
import type { ToolRecord, ToolRecordStore } from './tools/tool-records.ts'

const Text = z.string().nullable()

const ToolRow = z
  .object({
    server_id: z.string(),
    name: z.string(),
    tool_id: z.string(),
    definition_hash: z.string(),
    risk: Risk,
    open_world: z.number(),
    state: z.enum(['accepted', 'waiting']),
    wanted_name: z.string().nullable(),
    public_name: z.string().nullable(),
    first_seen_at: z.number(),
    is_kept: z.number(),
  })
  .transform(
    (row): ToolRecord => ({
      serverId: row.server_id,
      name: row.name,
      id: row.tool_id,
      definitionHash: row.definition_hash,
      risk: row.risk,
      openWorld: row.open_world !== 0,
      state: row.state,
      shown:
        row.wanted_name !== null && row.public_name !== null
          ? { wanted: row.wanted_name, name: row.public_name }
          : null,
      firstSeenAt: row.first_seen_at,
      definition: null,
      isKept: row.is_kept !== 0,
    }),
  )

const NameRow = z
  .object({
    server_id: z.string(),
    kind: z.enum(['prompt', 'own-prompt', 'resource', 'template', 'scheme', 'former-tool']),
    name: z.string(),
    public_name: z.string(),
  })
  .transform(
    (row): KeptName => ({
      serverId: row.server_id,
      kind: row.kind,
      name: row.name,
      publicName: row.public_name,
    }),
  )

const PinRow = z
  .object({ server_id: z.string(), command: Text, origin: Text, version: Text, instructions: Text })
  .transform(({ server_id: serverId, ...identity }): ServerPin => ({ serverId, identity }))

/** A longer definition is kept by its hash and how its JSON begins, in characters. */
const longestDefinition = 20_000

/** Null: it is in the store already. */
function storedDefinition({ definition }: ToolRecord): string | null {
  if (definition === null) return null
  const json = JSON.stringify(pinnedPart(definition))
  return json.length <= longestDefinition ? json : JSON.stringify({ cut: json.slice(0, longestDefinition) })
}

/** The tables `known_tools`, `known_names` and `known_servers`. */
export function createCatalogStores(
  db: Database,
  log: Log,
): { tools: ToolRecordStore; names: KeptNameStore; servers: ServerPinStore } {
  return { tools: toolStore(db, log), names: nameStore(db, log), servers: serverStore(db, log) }
}

function rows<T>(schema: z.ZodType<T>, all: unknown[], log: Log): T[] {
  return all.flatMap((row) => {
    const parsed = schema.safeParse(row)
    if (parsed.success) return [parsed.data]
    log.error('catalog.row-unreadable', { problem: parsed.error.message })
    return []
  })
}

function serverStore(db: Database, log: Log): ServerPinStore {
  const all = db.prepare('SELECT server_id, command, origin, version, instructions FROM known_servers')
  const put = db.prepare(
    `INSERT INTO known_servers (server_id, command, origin, version, instructions) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (server_id) DO UPDATE SET command = excluded.command, origin = excluded.origin, version = excluded.version,
       instructions = excluded.instructions`,
  )
  const remove = db.prepare('DELETE FROM known_servers WHERE server_id = ?')
  return {
    all: () => rows(PinRow, all.all(), log),
    put: ({ serverId, identity: { command, origin, version, instructions = null } }) =>
      void put.run(serverId, command, origin, version, instructions),
    remove: (serverId) => void remove.run(serverId),
  }
}

function toolStore(db: Database, log: Log): ToolRecordStore {
  const all = db.prepare(
    `SELECT server_id, name, tool_id, definition_hash, risk, open_world, state, wanted_name, public_name, first_seen_at,
       definition IS NOT NULL AS is_kept FROM known_tools ORDER BY first_seen_at, server_id, name`,
  )
  const one = db.prepare('SELECT definition FROM known_tools WHERE server_id = ? AND name = ?')
  const put = db.prepare(
    `INSERT INTO known_tools (server_id, name, tool_id, definition_hash, risk, open_world, state, wanted_name, public_name,
       first_seen_at, definition)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (server_id, name) DO UPDATE SET definition_hash = excluded.definition_hash, risk = excluded.risk,
       open_world = excluded.open_world, state = excluded.state, wanted_name = excluded.wanted_name,
       public_name = excluded.public_name, definition = coalesce(excluded.definition, definition)`,
  )
  const remove = db.prepare('DELETE FROM known_tools WHERE server_id = ?')
  return {
    all: () => rows(ToolRow, all.all(), log),
    put: (records) =>
      inTransaction(db, () => {
        for (const record of records)
          put.run(
            record.serverId,
            record.name,
            record.id,
            record.definitionHash,
            record.risk,
            record.openWorld ? 1 : 0,
            record.state,
            record.shown?.wanted ?? null,
            record.shown?.name ?? null,
            record.firstSeenAt,
            storedDefinition(record),
          )
      }),
    remove: (serverId) => void remove.run(serverId),
    definition(serverId, name) {
      const json = one.get(serverId, name)?.definition
      return typeof json === 'string' ? (parseExact(json) as KeptDefinition) : null
    },
  }
}

function nameStore(db: Database, log: Log): KeptNameStore {
  const all = db.prepare('SELECT * FROM known_names ORDER BY server_id, kind, name')
  const put = db.prepare(
    `INSERT INTO known_names (server_id, kind, name, public_name) VALUES (?, ?, ?, ?)
     ON CONFLICT (server_id, kind, name) DO UPDATE SET public_name = excluded.public_name`,
  )
  const remove = db.prepare('DELETE FROM known_names WHERE server_id = ?')
  return {
    all: () => rows(NameRow, all.all(), log),
    put: (names) =>
      inTransaction(db, () => {
        for (const { serverId, kind, name, publicName } of names) put.run(serverId, kind, name, publicName)
      }),
    remove: (serverId) => void remove.run(serverId),
  }
}
