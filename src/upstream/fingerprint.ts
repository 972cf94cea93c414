import { createHash } from 'node:crypto'
import type { ServerRow } from './store.ts'

/**
 * SHA-256, base64url, of all that decides what is started or contacted. Values of env and headers are in the vault; only
 * the user can change them, never the program that added a draft.
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
