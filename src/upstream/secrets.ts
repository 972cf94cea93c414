import { HostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Vault } from '../storage/vault.ts'
import type { ServerRow } from './store.ts'

type Kind = 'env' | 'header'
export type Values = Record<'env' | 'headers', Record<string, string>>

/** The values of a server's env and headers, in the vault at `server/<id>/env/<NAME>` and `server/<id>/header/<NAME>`. */
export interface Secrets {
  /**
   * Those that the row names: all of them, or when one cannot be kept it is as before. Returns what brings back the values of before.
   */
  keep(row: ServerRow, values: Values): Promise<() => Promise<void>>
  read(row: ServerRow, kind: Kind): Promise<Record<string, string>>
  /** The value of one. Throws HostError `secret-missing`. */
  one(row: ServerRow, kind: Kind, name: string): Promise<string>
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
  const one: Secrets['one'] = async (row, kind, name) => {
    const value = await vault.get(at(row, kind, name))
    if (value !== null) return value
    throw new HostError({
      code: 'secret-missing',
      message: `The value of ${name} for “${row.name}” is not in the vault any more.`,
      hint: 'Change this server and type the value again.',
    })
  }
  return {
    delete: remove,
    async read(row, kind) {
      const names = kind === 'env' ? row.env : row.headers
      return Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await one(row, kind, name)] as const)),
      )
    },
    one,
    async keep(row, values) {
      const before: [string, string | null][] = []
      const undo = async () => {
        for (const [path, value] of before.reverse()) {
          if (value === null) await vault.delete(path)
          else await vault.set(path, value)
        }
      }
      try {
        for (const [kind, name] of namesOf(row)) {
          const path = at(row, kind, name)
          before.push([path, await vault.get(path)])
          await vault.set(path, (kind === 'env' ? values.env : values.headers)[name]!)
        }
      } catch (error) {
        await undo().catch((problem) =>
          log.error('upstream.secret-not-restored', { server: row.name, error: problem }),
        )
        throw error
      }
      return undo
    },
  }
}
