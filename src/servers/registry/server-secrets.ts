import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { notAccepted, type Vault } from '../../storage/vault/vault.ts'
import type { ServerRow } from './server-store.ts'

type Kind = 'env' | 'header'
export type Values = Record<'env' | 'headers', Record<string, string>>
/** All that a draft brought along and that is not in its row. */
export type Held = Values & { clientSecret: string | null }

/**
 * The values of a server's env and headers, in the vault at `server/<id>/env/<NAME>` and `server/<id>/header/<NAME>`; those of a draft at
 * `draft/…`, until its owner has started it.
 */
export interface ServerSecrets {
  /**
   * Those that the row names: all of them, or when one cannot be kept it is as before. Returns what brings back the values of before.
   */
  keep(row: ServerRow, values: Values): Promise<() => Promise<void>>
  read(row: ServerRow, kind: Kind): Promise<Record<string, string>>
  /** The value of one. Throws HostError `secret-missing`. */
  one(row: ServerRow, kind: Kind, name: string): Promise<string>
  /** Goes on when one cannot be deleted: a locked vault must not keep a server alive. */
  delete(row: ServerRow): Promise<void>
  /** Of a draft; null when there is none. Of other servers it is kept with their sign-in. */
  keepClientSecret(row: ServerRow, secret: string | null): Promise<void>
  /** All of a draft. Throws HostError `secret-missing`, or when the vault does not answer. */
  held(row: ServerRow): Promise<Held>
}

export function createServerSecrets(vault: Vault, log: Log): ServerSecrets {
  const below = (place: string, row: ServerRow, kind: Kind, name: string) =>
    `${place}/${row.id}/${kind}/${name}`
  const placeOf = (row: ServerRow) => (row.wanted === 'draft' ? notAccepted : 'server')
  const at = (row: ServerRow, kind: Kind, name: string) => below(placeOf(row), row, kind, name)
  const clientSecretAt = (row: ServerRow) => `${notAccepted}/${row.id}/oauth/secret`
  const namesOf = (row: ServerRow) => [
    ...row.env.map((name) => ['env', name] as const),
    ...row.headers.map((name) => ['header', name] as const),
  ]
  const remove = async (row: ServerRow) => {
    const paths = namesOf(row).map(([kind, name]) => at(row, kind, name))
    if (row.wanted === 'draft' && row.oauth !== null) paths.push(clientSecretAt(row))
    for (const path of paths) {
      try {
        await vault.delete(path)
      } catch (error) {
        log.warn('servers.secret-not-deleted', { server: row.name, path, error })
      }
    }
  }
  const one: ServerSecrets['one'] = async (row, kind, name) => {
    const value =
      (await vault.get(at(row, kind, name))) ??
      // A draft that an older version took.
      (row.wanted === 'draft' ? await vault.get(below('server', row, kind, name)) : null)
    if (value !== null) return value
    throw new HostError({
      code: 'secret-missing',
      says: 'secret-missing-server',
      params: { name, server: row.name },
    })
  }
  const read: ServerSecrets['read'] = async (row, kind) => {
    const names = kind === 'env' ? row.env : row.headers
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await one(row, kind, name)] as const)),
    )
  }
  return {
    delete: remove,
    read,
    one,
    async held(row) {
      const [env, headers] = await Promise.all([read(row, 'env'), read(row, 'header')])
      return { env, headers, clientSecret: row.oauth ? await vault.get(clientSecretAt(row)) : null }
    },
    async keepClientSecret(row, secret) {
      if (secret === null) await vault.delete(clientSecretAt(row))
      else await vault.set(clientSecretAt(row), secret)
    },
    async keep(row, values) {
      const before: [string, string | null][] = []
      const undo = async () => {
        try {
          for (const [path, value] of before.reverse()) {
            if (value === null) await vault.delete(path)
            else await vault.set(path, value)
          }
        } catch (problem) {
          log.error('servers.secret-not-restored', { server: row.name, error: problem })
        }
      }
      try {
        for (const [kind, name] of namesOf(row)) {
          const path = at(row, kind, name)
          before.push([path, await vault.get(path)])
          await vault.set(path, (kind === 'env' ? values.env : values.headers)[name]!)
        }
      } catch (error) {
        await undo()
        throw error
      }
      return undo
    },
  }
}
