import { createHash } from 'node:crypto'
import type { ServerRow } from './store.ts'

/**
 * SHA-256, base64url, of all that decides what is started or contacted. Values of env and headers are in the vault; they
 * cannot change without a new id.
 */
export const fingerprintOf = ({
  id,
  kind,
  command,
  args,
  cwd,
  url,
  env,
  headers,
  oauth,
}: ServerRow): string =>
  createHash('sha256')
    .update(JSON.stringify([id, kind, command, args, cwd, url, env, headers, oauth]))
    .digest('base64url')
