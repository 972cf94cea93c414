import { parseExact } from '../../kernel/exact-json.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'

/** One thing that was learnt from a server, and when. */
export interface Fact {
  value: unknown
  at: number
}

/** Table `server_facts`. */
export interface FactStore {
  /** What is known of one server, by name. */
  of(serverId: string): Map<string, Fact>
  keep(serverId: string, name: string, fact: Fact): void
  forget(serverId: string): void
}

/** Facts are a convenience: one that cannot be read or written is logged, and learnt again. */
export function createFactStore(db: Database, log: Log): FactStore {
  const select = db.prepare('SELECT name, value, at FROM server_facts WHERE server_id = ?')
  const upsert = db.prepare(
    `INSERT INTO server_facts (server_id, name, value, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (server_id, name) DO UPDATE SET value = excluded.value, at = excluded.at`,
  )
  const remove = db.prepare('DELETE FROM server_facts WHERE server_id = ?')
  return {
    of(serverId) {
      const facts = new Map<string, Fact>()
      for (const row of select.all(serverId)) {
        try {
          facts.set(String(row.name), { value: parseExact(String(row.value)), at: Number(row.at) })
        } catch (error) {
          log.warn('servers.fact-unreadable', { id: serverId, fact: row.name, error })
        }
      }
      return facts
    },
    keep(serverId, name, { value, at }) {
      try {
        upsert.run(serverId, name, JSON.stringify(value), at)
      } catch (error) {
        log.warn('servers.fact-not-kept', { id: serverId, fact: name, error })
      }
    },
    forget: (serverId) => void remove.run(serverId),
  }
}
