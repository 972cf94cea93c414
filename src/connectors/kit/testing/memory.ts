/** For tests: settings, a vault and a database that live as long as the test, and look like the real ones. */
import { DatabaseSync } from 'node:sqlite'
import { createRedactor } from '../../../kernel/log/redact.ts'
import { migrations } from '../../../storage/database/migrations.ts'
import type { Settings } from '../../../storage/settings.ts'
import type { Vault } from '../../../storage/vault/vault.ts'
import { type Connector, type Listed, offeredBy } from '../connector.ts'

export function createMemory() {
  const stored = new Map<string, string>()
  const secrets = new Map<string, string>()
  const settings: Settings = {
    get(name, schema) {
      const text = stored.get(name)
      return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data
    },
    set: (name, value) => void stored.set(name, JSON.stringify(value)),
    delete: (name) => void stored.delete(name),
  }
  const vault: Vault = {
    status: { kind: 'file', message: '', hint: '' },
    get: async (name) => secrets.get(name) ?? null,
    set: async (name, value) => void secrets.set(name, value),
    delete: async (name) => void secrets.delete(name),
  }
  const db = new DatabaseSync(':memory:')
  for (const step of migrations) db.exec(step)
  return { settings, vault, stored, secrets, db, redactor: createRedactor() }
}

/** As it would be listed, were it a built-in one. */
export const preloaded = (connector: Connector): Listed => ({
  ...connector,
  tools: offeredBy(connector),
  load: async () => connector,
})
