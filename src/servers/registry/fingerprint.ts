import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Held } from './server-secrets.ts'
import type { ServerRow } from './server-store.ts'

/** Without it, whoever sees a fingerprint could try out what a short password is. A draft has to be looked at anew after a restart. */
const key = randomBytes(32)

type Deciding = Pick<
  ServerRow,
  'id' | 'kind' | 'command' | 'args' | 'cwd' | 'url' | 'env' | 'headers' | 'oauth' | 'confined'
>

const textOf = (
  { id, kind, command, args, cwd, url, env, headers, oauth, confined }: Deciding,
  mark: string | null,
): string => JSON.stringify([id, kind, command, args, cwd, url, env, headers, oauth, confined, mark])

const hashed = (text: string): string => createHash('sha256').update(text).digest('base64url')

/**
 * SHA-256, base64url, of all that decides what is started or contacted. `held`: of a draft, whose values are part of what its owner is
 * shown; those of other servers are in the vault, and only the user can change them.
 */
export const fingerprintOf = (row: ServerRow, held: Held | null = null): string => {
  const values = held && [
    row.env.map((name) => held.env[name]),
    row.headers.map((name) => held.headers[name]),
    held.clientSecret,
  ]
  const mark = values && createHmac('sha256', key).update(JSON.stringify(values)).digest('base64url')
  return hashed(textOf(row, mark))
}

/**
 * The fingerprint of a row that may be edited meanwhile, with the mark of its values and account: read each time, and hashed when it is
 * another. Calls under a rule ask for it.
 */
export function rowFingerprint(row: Deciding & Pick<ServerRow, 'mark'>): () => string {
  let last = { text: '', hash: '' }
  return () => {
    const text = textOf(row, row.mark)
    if (text !== last.text) last = { text, hash: hashed(text) }
    return last.hash
  }
}
