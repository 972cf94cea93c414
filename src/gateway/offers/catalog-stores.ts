import * as z from 'zod'
import { Risk } from '../../contract/tools.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'
import { inTransaction } from '../../storage/database/in-transaction.ts'
import type { KeptName, KeptNameStore } from './kept-names.ts'
import type { ToolRecord, ToolRecordStore } from './tools/tool-records.ts'

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
    }),
  )

const NameRow = z
  .object({
    server_id: z.string(),
    kind: z.enum(['prompt', 'own-prompt', 'resource', 'template', 'scheme']),
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

/** The tables `known_tools` and `known_names`. */
export function createCatalogStores(
  db: Database,
  log: Log,
): { tools: ToolRecordStore; names: KeptNameStore } {
  const read = <T>(schema: z.ZodType<T>, rows: unknown[]): T[] =>
    rows.flatMap((row) => {
      const parsed = schema.safeParse(row)
      if (parsed.success) return [parsed.data]
      log.error('catalog.row-unreadable', { problem: parsed.error.message })
      return []
    })
  const allTools = db.prepare('SELECT * FROM known_tools ORDER BY first_seen_at, server_id, name')
  const putTool = db.prepare(
    `INSERT INTO known_tools (server_id, name, tool_id, definition_hash, risk, open_world, state, wanted_name, public_name,
       first_seen_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (server_id, name) DO UPDATE SET definition_hash = excluded.definition_hash, risk = excluded.risk,
       open_world = excluded.open_world, state = excluded.state, wanted_name = excluded.wanted_name,
       public_name = excluded.public_name`,
  )
  const removeTools = db.prepare('DELETE FROM known_tools WHERE server_id = ?')
  const allNames = db.prepare('SELECT * FROM known_names ORDER BY server_id, kind, name')
  const putName = db.prepare(
    `INSERT INTO known_names (server_id, kind, name, public_name) VALUES (?, ?, ?, ?)
     ON CONFLICT (server_id, kind, name) DO UPDATE SET public_name = excluded.public_name`,
  )
  const removeNames = db.prepare('DELETE FROM known_names WHERE server_id = ?')

  return {
    tools: {
      all: () => read(ToolRow, allTools.all()),
      put: (records) =>
        inTransaction(db, () => {
          for (const record of records)
            putTool.run(
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
            )
        }),
      remove: (serverId) => void removeTools.run(serverId),
    },
    names: {
      all: () => read(NameRow, allNames.all()),
      put: ({ serverId, kind, name, publicName }) => void putName.run(serverId, kind, name, publicName),
      remove: (serverId) => void removeNames.run(serverId),
    },
  }
}
