import * as z from 'zod'
import { say } from '../../locales/say.ts'
import { command, nothing, query } from './definition.ts'
import { time } from './time.ts'

/** What a backup says of itself to whoever has its passphrase. */
export const BackupFacts = z.object({
  madeAt: time,
  /** Of the Drawbridge that made it. */
  version: z.string(),
  /** The name of the computer that it was made on. */
  computer: z.string(),
  publicOrigin: z.string().nullable(),
  /** How many may come in, and how many servers there are. */
  grants: z.number().int(),
  servers: z.number().int(),
  /** Whether the activity log is in it. */
  log: z.boolean(),
})
export type BackupFacts = z.infer<typeof BackupFacts>

/** Fewer characters can be guessed by whoever has the file. */
export const shortestPassphrase = 10

const BackupId = z.string().regex(/^backup_[A-Za-z0-9]{6,60}$/)
const Passphrase = z.string().max(1_000)

/** Bytes of a backup that are handed over at once, and how long they are as base64. */
export const backupPart = 480_000
const longestPart = 4 * Math.ceil(backupPart / 3)

export const backupApi = {
  /** Makes a backup of everything, which stays with the host until it is discarded, or for an hour. */
  'backup.create': command(
    z.object({
      passphrase: Passphrase.min(shortestPassphrase, {
        error: () => say('input.backupPassphrase', { least: shortestPassphrase }),
      }),
      log: z.boolean(),
    }),
    z.object({ id: z.string(), bytes: z.number().int() }),
  ),
  /** The bytes from there on, in base64. `next`: where the following ones begin; null: these were the last. */
  'backup.read': query(
    z.object({ id: BackupId, from: z.number().int().nonnegative() }),
    z.object({ data: z.string(), next: z.number().int().nullable() }),
  ),
  /** Hands over a backup that is to be restored, part by part; the first one without an id. */
  'backup.put': command(
    z.object({ id: BackupId.nullable(), data: z.base64().max(longestPart) }),
    z.object({ id: z.string() }),
  ),
  /** Reads all of it, to know that it is whole. Changes nothing. */
  'backup.look': command(z.object({ id: BackupId, passphrase: Passphrase }), BackupFacts),
  /**
   * Replaces everything by what is in the backup, when Drawbridge starts again. `aside`: a backup of what was there before, with the
   * same passphrase. `restarts`: it does so by itself.
   */
  'backup.restore': command(
    z.object({ id: BackupId, passphrase: Passphrase }),
    z.object({ facts: BackupFacts, aside: z.string(), restarts: z.boolean() }),
  ),
  'backup.discard': command(z.object({ id: BackupId }), nothing),
}
