import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { silentLog } from '../../kernel/log/log.ts'
import { createSettings } from '../settings.ts'
import { openCallLog, openDatabase } from './database.ts'
import { migrations } from './migrations.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-storage-'))
  file = join(folder, 'drawbridge.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const now = () => Date.UTC(2026, 10, 21)
const open = (steps?: readonly string[]) => openDatabase(file, silentLog, now, steps)
const value = (db: DatabaseSync, sql: string) => Object.values(db.prepare(sql).get()!)[0]

const filled = () => {
  const { db } = open()
  const settings = createSettings(db)
  for (let n = 0; n < 2_000; n += 1) settings.set(`name-${n}`, 'x'.repeat(100))
  return db
}

describe('a database', () => {
  it('is made with what we rely on, and only its owner can read it', () => {
    const { db, setAside } = open()
    expect(setAside).toBeNull()
    expect(value(db, 'PRAGMA journal_mode')).toBe('wal')
    expect(value(db, 'PRAGMA busy_timeout')).toBe(5000)
    expect(value(db, 'PRAGMA foreign_keys')).toBe(1)
    expect(value(db, 'PRAGMA user_version')).toBe(migrations.length)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077, name).toBe(0)
    expect(readdirSync(folder)).toContain('drawbridge.db-wal')
    db.close()
  })

  it('keeps its content', () => {
    filled().close()
    const { db, setAside } = open()
    expect(setAside).toBeNull()
    expect(createSettings(db).get('name-1999', z.string())).toBe('x'.repeat(100))
    db.close()
  })
})

describe('damage', () => {
  const damages: [string, () => void][] = [
    ['garbage', () => writeFileSync(file, Buffer.alloc(100_000, 'garbage'))],
    ['a short text', () => writeFileSync(file, 'not a database')],
    [
      'a truncated file',
      () => {
        filled().close()
        truncateSync(file, 3 * 4096 + 100)
      },
    ],
    [
      'overwritten pages',
      () => {
        filled().close()
        const bytes = readFileSync(file)
        bytes.fill(0xff, 4096 * 2, 4096 * 20)
        writeFileSync(file, bytes)
      },
    ],
  ]

  it.each(damages)('%s is set aside as it was, and a new database is begun', (_name, damage) => {
    damage()
    const before = readFileSync(file)
    const { db, setAside } = open()
    expect(setAside).toBe(`${file}.damaged-2026-11-21T00-00-00-000Z`)
    expect(readFileSync(setAside!).equals(before)).toBe(true)
    expect(value(db, 'SELECT count(*) FROM settings')).toBe(0)
    createSettings(db).set('works', true)
    db.close()
    expect(open().setAside).toBeNull()
  })

  it('a second one does not replace the first that was set aside', () => {
    writeFileSync(file, 'rubbish one, long enough to be read as a header')
    open().db.close()
    writeFileSync(file, 'rubbish two, long enough to be read as a header')
    const { db, setAside } = open()
    db.close()
    expect(readFileSync(setAside!, 'utf8')).toContain('two')
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toHaveLength(2)
  })

  it('an empty file is simply new', () => {
    writeFileSync(file, '')
    const { db, setAside } = open()
    expect(setAside).toBeNull()
    db.close()
  })
})

describe('a folder that cannot be written', () => {
  const unwritable = expect.objectContaining({
    code: 'data-folder-unwritable',
    hint: expect.stringContaining('disk is not full'),
  })

  it.each([
    [
      'a file where the folder should be',
      () => {
        writeFileSync(join(folder, 'f'), '')
        return join(folder, 'f', 'd.db')
      },
    ],
    [
      'a folder where the file should be',
      () => {
        mkdirSync(join(folder, 'd.db'))
        return join(folder, 'd.db')
      },
    ],
    ['no folder', () => join(folder, 'none', 'd.db')],
    ...(process.platform === 'linux' ? [['/proc', () => '/proc/d.db'] as const] : []),
  ] as const)('%s: says so', (_name, path) => {
    expect(() => openDatabase(path(), silentLog)).toThrow(unwritable)
  })
})

describe('migration', () => {
  const first = ["CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES ('old');"]
  const second = [...first, "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET x = 'new';"]

  it('keeps a copy of the database as it was before', () => {
    open(first).db.close()
    const { db } = open(second)
    expect(value(db, 'SELECT x FROM a')).toBe('new')
    expect(value(db, 'PRAGMA user_version')).toBe(2)
    db.close()
    const copy = `${file}.before-2-2026-11-21`
    expect(statSync(copy).mode & 0o077).toBe(0)
    const old = new DatabaseSync(copy)
    expect(value(old, 'SELECT x FROM a')).toBe('old')
    expect(value(old, 'PRAGMA user_version')).toBe(1)
    old.close()
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('happens whole or not at all, and can be tried again', () => {
    open(first).db.close()
    const broken = [...first, "UPDATE a SET x = 'half'; SELECT * FROM nowhere;"]
    expect(() => open(broken)).toThrow('nowhere')
    const raw = new DatabaseSync(file)
    expect(value(raw, 'SELECT x FROM a')).toBe('old')
    expect(value(raw, 'PRAGMA user_version')).toBe(1)
    raw.close()
    const { db } = open(second)
    expect(value(db, 'SELECT x FROM a')).toBe('new')
    db.close()
  })

  it('a copy that was cut short by a crash is made again', () => {
    open(first).db.close()
    writeFileSync(`${file}.before-2-2026-11-21.tmp`, 'half a copy')
    open(second).db.close()
    const old = new DatabaseSync(`${file}.before-2-2026-11-21`)
    expect(value(old, 'SELECT x FROM a')).toBe('old')
    old.close()
  })

  it('refuses data of a newer version and changes nothing', () => {
    open(second).db.close()
    const before = readFileSync(file)
    expect(() => open(first)).toThrow(expect.objectContaining({ code: 'database-newer' }))
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(existsSync(`${file}.before-1-2026-11-21`)).toBe(false)
  })

  it('eight processes at once make one sound database', { timeout: 30_000 }, async () => {
    const script = `
      import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, 'database.ts'))}
      import { silentLog } from ${JSON.stringify(join(import.meta.dirname, '../../kernel/log/log.ts'))}
      const { db, setAside } = openDatabase(${JSON.stringify(file)}, silentLog)
      db.prepare("INSERT INTO settings VALUES (?, '1')").run(String(process.pid))
      if (setAside) throw new Error('set aside')
      db.close()`
    await Promise.all(
      Array.from({ length: 8 }, () =>
        promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', script]),
      ),
    )
    const { db } = open()
    expect(value(db, 'SELECT count(*) FROM settings')).toBe(8)
    expect(value(db, 'PRAGMA integrity_check')).toBe('ok')
    db.close()
  })

  it('a database that somebody else holds is not taken for damaged', () => {
    open(first).db.close()
    const other = new DatabaseSync(file)
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE a SET x = x')
    const copied = join(folder, 'copy.db')
    copyFileSync(file, copied)
    expect(() => open(second)).toThrow(expect.objectContaining({ code: 'database-busy' }))
    other.close()
    expect(readdirSync(folder).some((name) => name.includes('damaged'))).toBe(false)
  })
})

describe('settings', () => {
  it('gives back what was set, and nothing that no longer fits', () => {
    const { db } = open()
    const settings = createSettings(db)
    const Shape = z.object({ n: z.number() })
    expect(settings.get('a', Shape)).toBeUndefined()
    settings.set('a', { n: 1 })
    settings.set('a', { n: 2 })
    expect(settings.get('a', Shape)).toEqual({ n: 2 })
    expect(settings.get('a', z.string())).toBeUndefined()
    db.exec("UPDATE settings SET value = '{broken' WHERE name = 'a'")
    expect(settings.get('a', Shape)).toBeUndefined()
    settings.set('a', { n: 3 })
    settings.delete('a')
    settings.delete('a')
    expect(settings.get('a', Shape)).toBeUndefined()
    settings.set('b', null)
    expect(settings.get('b', z.null())).toBeNull()
    settings.set('b', undefined)
    expect(settings.get('b', z.unknown())).toBeUndefined()
    db.close()
  })
})

it('the log keeps its rows and their order when it moves into its own file', () => {
  const old = open(migrations.slice(0, 8)).db
  const insert =
    old.prepare(`INSERT INTO calls (seq, id, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error,
    arguments, result) VALUES (?, ?, ?, 'g', 'c', 't', 's', 'read', 'allowed', ?, 1.5, NULL, '{}', NULL)`)
  for (const [seq, outcome] of [
    [7, 'answered'],
    [9, 'running'],
  ] as const)
    insert.run(seq, `call_${seq}`, 1_000 + seq, outcome)
  old.close()
  const main = open().db
  const log = () => openCallLog(join(folder, 'activity.db'), silentLog, now, main).db
  // What a kill between the copy and the removal leaves is done again.
  const drop = vi.spyOn(main, 'exec').mockImplementationOnce(() => {
    throw new Error('killed')
  })
  expect(log).toThrow('killed')
  drop.mockRestore()
  const db = log()
  expect(main.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'calls%'").all()).toEqual([])
  main.close()
  expect(db.prepare('SELECT seq, at, outcome, duration FROM calls ORDER BY seq').all()).toEqual([
    { seq: 7, at: 1_007, outcome: 'answered', duration: 1.5 },
    { seq: 9, at: 1_009, outcome: 'running', duration: 1.5 },
  ])
  db.exec('DELETE FROM calls WHERE seq = 7')
  expect(db.prepare('SELECT seq FROM calls_unindexed ORDER BY seq').all()).toEqual([{ seq: 7 }])
  db.close()
})
