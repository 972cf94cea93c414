import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../database/database.ts'
import { halfDone, tokensAndWhatTheyComeFrom } from '../database/token-models.ts'
import { createSettings, type Settings } from '../settings.ts'

/** In the vault: the key of the activity log, by which a Drawbridge is the same one wherever it moves. */
export const logKey = 'activity/chain-key'
/** In the vault: the keys of the authorization server, which the owner may have made anew. */
export const serverKeys = 'oauth/keys'

/**
 * What the owner took away after the backup was made and does not get back with it, and what does come back. `ended` and `back`: names of
 * who may come in.
 */
export interface Carried {
  /** Ended here, and so ended in what was restored. */
  ended: string[]
  /** Not here any more, who knows why: they may come in again. */
  back: string[]
  isAdminKeyEnded: boolean
  isRenewed: boolean
  isRaised: boolean
}

interface Situation {
  /** The backup is of the Drawbridge that is here: what is different here was done later. */
  isSame: boolean
  /** The owner made new keys since. */
  isRenewed: boolean
}

const done = 'restore.carried'
const anything = z.unknown()

/**
 * Brings over from the database that is here into the one that takes its place what a restore must not undo: a raised bridge, and what was
 * ended. `mark`: of this restore, by which it is done once. `tell`: is given what came of it, and the settings that will be there.
 */
export function carryOver(
  files: { here: string; restored: string },
  situation: Situation,
  mark: string,
  tell: (carried: Carried, settings: Settings) => void,
  log: Log,
): void {
  const restored: Database = new DatabaseSync(files.restored)
  try {
    const settings = createSettings(restored)
    if (settings.get(done, anything) === mark) return
    restored.exec('BEGIN IMMEDIATE')
    const carried = withHere(files.here, log, (here) => bring(here, restored, situation))
    settings.set(done, mark)
    tell(carried ?? nothing, settings)
    restored.exec('COMMIT')
  } finally {
    restored.close()
  }
}

const nothing: Carried = { ended: [], back: [], isAdminKeyEnded: false, isRenewed: false, isRaised: false }

/** Null: there is no database here, or none that can be read. */
function withHere<T>(file: string, log: Log, use: (db: Database) => T): T | null {
  if (!existsSync(file)) return null
  const db: Database = new DatabaseSync(file)
  try {
    return use(db)
  } catch (error) {
    log.warn('restore.nothing-carried', { error: errorText(error) })
    return null
  } finally {
    db.close()
  }
}

function bring(here: Database, restored: Database, { isSame, isRenewed }: Situation): Carried {
  const [ours, theirs] = [createSettings(here), createSettings(restored)]
  const raised = ours.get('bridge.raised', anything)
  if (raised !== undefined) theirs.set('bridge.raised', raised)
  bringNotices(ours, theirs)
  const isRaised = raised !== undefined
  if (!isSame) return { ...nothing, isRaised }
  if (isRenewed) endTokens(restored)
  return {
    ...endedSince(here, restored),
    isAdminKeyEnded: bringAdminKey(ours, theirs),
    isRenewed,
    isRaised,
  }
}

/** What was done past the window is told there, also when it was the restore itself. */
function bringNotices(ours: Settings, theirs: Settings): void {
  const List = z.array(z.looseObject({ id: z.string() }))
  const [here, there] = [ours.get('host.notices', List) ?? [], theirs.get('host.notices', List) ?? []]
  const isNew = ({ id }: { id: string }) => !there.some((one) => one.id === id)
  if (here.length > 0) theirs.set('host.notices', [...there, ...here.filter(isNew)])
}

/** The one that is here counts, or none. Whether the backup's was ended by that. */
function bringAdminKey(ours: Settings, theirs: Settings): boolean {
  const name = 'control.adminKey'
  const [here, there] = [ours.get(name, anything), theirs.get(name, anything)]
  if (JSON.stringify(here) === JSON.stringify(there)) return false
  theirs.set(name, here)
  return there !== undefined
}

function endTokens(db: Database): void {
  const end = db.prepare('DELETE FROM oauth_records WHERE model = ?')
  for (const model of [...halfDone, ...tokensAndWhatTheyComeFrom]) end.run(model)
}

interface Entry {
  id: string
  name: string
  revoked_at: number | null
}

function endedSince(here: Database, restored: Database): Pick<Carried, 'ended' | 'back'> {
  const entriesOf = (db: Database) =>
    db.prepare('SELECT id, name, revoked_at FROM grants ORDER BY created_at, id').all() as unknown as Entry[]
  const known = new Map(entriesOf(here).map((one) => [one.id, one]))
  const open = entriesOf(restored).filter((one) => one.revoked_at === null)
  const end = restored.prepare('UPDATE grants SET revoked_at = ?, token_hash = NULL WHERE id = ?')
  const ended = open.filter(({ id }) => typeof known.get(id)?.revoked_at === 'number')
  for (const { id } of ended) end.run(known.get(id)!.revoked_at, id)
  const back = open.filter(({ id }) => !known.has(id))
  return { ended: ended.map(({ name }) => name), back: back.map(({ name }) => name) }
}
