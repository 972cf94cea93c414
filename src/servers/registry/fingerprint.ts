import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Held } from './server-secrets.ts'
import type { ServerRow } from './server-store.ts'

/** Without it, whoever sees a fingerprint could try out what a short password is. A draft has to be looked at anew after a restart. */
const key = randomBytes(32)

/**
 * SHA-256, base64url, of all that decides what is started or contacted. `held`: of a draft, whose values are part of what its owner is
 * shown; those of other servers are in the vault, and only the user can change them.
 */
export const fingerprintOf = (
  { id, kind, command, args, cwd, url, env, headers, oauth, confined }: ServerRow,
  held: Held | null = null,
): string => {
  const values = held && [
    env.map((name) => held.env[name]),
    headers.map((name) => held.headers[name]),
    held.clientSecret,
  ]
  const mark = values && createHmac('sha256', key).update(JSON.stringify(values)).digest('base64url')
  return createHash('sha256')
    .update(JSON.stringify([id, kind, command, args, cwd, url, env, headers, oauth, confined, mark]))
    .digest('base64url')
}
