import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { openDatabase } from './database/database.ts'
import { Reserve } from './reserve.ts'

let folder: string
let unmount = () => {}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-reserve-'))
})
afterEach(() => {
  unmount()
  unmount = () => {}
  rmSync(folder, { recursive: true, force: true })
})
const full = () => {
  throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
}
const reserve = () => join(folder, 'reserve')
const sizeOf = (file: string) => statSync(file).size

/** A disk of its own, of that many megabytes; false where this user may make none. */
function diskOf(megabytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder], { stdio: 'ignore' })
  } catch {
    return false
  }
  unmount = () => execFileSync('umount', ['-l', folder])
  return true
}

it('is given up when there is no room, and there again when that is over', () => {
  const kept = new Reserve(folder, silentLog)
  expect(sizeOf(reserve())).toBe(1_000_000)
  expect(statSync(reserve()).mode & 0o077).toBe(0)
  let tries = 0
  const answer = kept.write(() => {
    tries += 1
    return tries === 1 ? full() : `with ${sizeOf(reserve())} left`
  })
  expect([answer, tries]).toEqual(['with 0 left', 2])
  expect(existsSync(`${reserve()}.unwritten`)).toBe(false)
  kept.done()
  expect(sizeOf(reserve())).toBe(1_000_000)
})

it('is not given up for anything else', () => {
  const kept = new Reserve(folder, silentLog)
  const busy = () => {
    throw Object.assign(new Error('database is locked'), { errcode: 5 })
  }
  expect(() => kept.write(busy)).toThrow('locked')
  expect(sizeOf(reserve())).toBe(1_000_000)
})

it('what could not be written all the same is known to the next start, until it is seen to', () => {
  expect(() => new Reserve(folder, silentLog).write(full)).toThrow('full')
  const next = new Reserve(folder, silentLog)
  expect(next.lost).toBe(true)
  // That something else was written is no news of what was lost.
  next.done()
  expect(new Reserve(folder, silentLog).lost).toBe(true)
  next.seenTo()
  expect(next.lost).toBe(false)
  expect(new Reserve(folder, silentLog).lost).toBe(false)
})

it('what is written a little later is nothing lost', () => {
  const kept = new Reserve(folder, silentLog)
  expect(() => kept.write(full)).toThrow('full')
  kept.done()
  expect(new Reserve(folder, silentLog).lost).toBe(false)
})

it('on a disk that is really full: what ends is written', (context) => {
  if (!diskOf(40)) return context.skip()
  const kept = new Reserve(folder, silentLog)
  const { db } = openDatabase(join(folder, 'test.db'), silentLog)
  db.exec(
    'CREATE TABLE entries (id INTEGER PRIMARY KEY, words TEXT, ended INTEGER); PRAGMA wal_autocheckpoint = 0',
  )
  const add = db.prepare('INSERT INTO entries (words) VALUES (?)')
  for (let at = 0; at < 50; at += 1) add.run('x'.repeat(2_000))
  const end = db.prepare('UPDATE entries SET ended = 1')
  const filler = join(folder, 'filler')
  for (let size = 1_000_000; size >= 512; size = Math.floor(size / 2))
    try {
      for (;;) writeFileSync(filler, 'x'.repeat(size), { flag: 'a' })
    } catch {}
  // Shown to be so: what is no end of access finds no room.
  expect(() => {
    for (;;) add.run('y'.repeat(2_000))
  }).toThrow('full')
  expect(() => end.run()).toThrow('full')
  expect(kept.write(() => end.run().changes)).toBeGreaterThanOrEqual(50)
  db.close()
  rmSync(filler)
  const again = openDatabase(join(folder, 'test.db'), silentLog).db
  expect(again.prepare('SELECT count(*) AS n FROM entries WHERE ended IS NULL').get()).toEqual({ n: 0 })
  again.close()
})
