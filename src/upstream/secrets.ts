import { HostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Vault } from '../storage/vault.ts'
import type { ServerRow } from './store.ts'

type Kind = 'env' | 'header'

/** The values of a server's env and headers, in the vault at `server/<id>/env/<NAME>` and `server/<id>/header/<NAME>`. */
export interface Secrets {
  /** All or nothing. */
  write(row: ServerRow, values: Record<'env' | 'headers', Record<string, string>>): Promise<void>
  read(row: ServerRow, kind: Kind): Promise<Record<string, string>>
  /** Goes on when one cannot be deleted: a locked vault must not keep a server alive. */
  delete(row: ServerRow): Promise<void>
}

export function createSecrets(vault: Vault, log: Log): Secrets {
  const at = (row: ServerRow, kind: Kind, name: string) => `server/${row.id}/${kind}/${name}`
  const namesOf = (row: ServerRow) => [
    ...row.env.map((name) => ['env', name] as const),
    ...row.headers.map((name) => ['header', name] as const),
  ]
  const remove = async (row: ServerRow) => {
    for (const [kind, name] of namesOf(row)) {
      try {
        await vault.delete(at(row, kind, name))
      } catch (error) {
        log.warn('upstream.secret-not-deleted', { server: row.name, name, error })
      }
    }
  }
  return {
    delete: remove,
    async write(row, values) {
      try {
        for (const [kind, name] of namesOf(row)) {
          const value = (kind === 'env' ? values.env : values.headers)[name]!
          await vault.set(at(row, kind, name), value)
        }
      } catch (error) {
        await remove(row)
        throw error
      }
    },
    async read(row, kind) {
      const names = kind === 'env' ? row.env : row.headers
      const pairs = await Promise.all(
        names.map(async (name) => [name, await vault.get(at(row, kind, name))] as const),
      )
      const missing = pairs.find(([, value]) => value === null)
      if (missing)
        throw new HostError({
          code: 'secret-missing',
          message: `The value of ${missing[0]} for “${row.name}” is not in the vault any more.`,
          hint: 'Remove this server and add it again with the value.',
        })
      return Object.fromEntries(pairs) as Record<string, string>
    },
  }
}
