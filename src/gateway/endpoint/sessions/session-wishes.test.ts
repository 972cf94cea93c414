import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../../kernel/clock.ts'
import { silentLog } from '../../../kernel/log/log.ts'
import { type Database, openDatabase } from '../../../storage/database/database.ts'
import { createSessionWishes } from './session-wishes.ts'

const folder = mkdtempSync(join(tmpdir(), 'drawbridge-wishes-'))
let db: Database
beforeAll(() => {
  db = openDatabase(join(folder, 'd.db'), silentLog).db
})
afterAll(() => {
  db.close()
  rmSync(folder, { recursive: true })
})

it('keeps so much of one grant, however many sessions it begins, and as much as ever of another', () => {
  const wishes = createSessionWishes({ db, clock: systemClock, log: silentLog })
  const of = (grantId: string, chat: string) => ({ chat, principal: { grantId } }) as never
  wishes.setLevel(of('grant_1', 'chat 0'), 'debug')
  for (let number = 0; number < 5_100; number += 1)
    wishes.subscribe(of('grant_1', `chat ${number}`), `test://${number}`)
  wishes.subscribe(of('grant_2', 'another'), 'test://a')
  wishes.subscribe(of('grant_2', 'another'), `test://${'a'.repeat(8_000)}`)
  const kept = db.prepare('SELECT grant_id, count(*) AS rows FROM session_wishes GROUP BY 1 ORDER BY 1').all()
  expect(kept.map(({ grant_id, rows }) => [grant_id, rows])).toEqual([
    ['grant_1', 5_000],
    ['grant_2', 1],
  ])
  // The newest are those whose clients are most likely there.
  expect(wishes.of(of('grant_1', 'chat 5099')).uris).toEqual(['test://5099'])
  expect(wishes.of(of('grant_1', 'chat 0')).uris).toEqual([])
})

it('keeps what a session says last, also where there is no more room', () => {
  const wishes = createSessionWishes({ db, clock: systemClock, log: silentLog })
  const chat = { chat: 'all of it', principal: { grantId: 'grant_3' } } as never
  wishes.setLevel(chat, 'debug')
  for (let number = 0; number < 5_100; number += 1) wishes.subscribe(chat, `test://${number}`)
  wishes.setLevel(chat, 'error')
  const { logLevel, uris } = wishes.of(chat)
  expect([logLevel, uris.length]).toEqual(['error', 4_999])
})
