import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { type Database, openDatabase } from '../../storage/database/database.ts'
import { noReserve } from '../../storage/reserve.ts'
import { createAdapter } from './adapter.ts'
import { Records } from './records.ts'

let dir: string
let db: Database
let now: number
let records: Records
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-records-'))
  db = openDatabase(join(dir, 'drawbridge.db'), silentLog).db
  now = Date.now()
  records = new Records({
    db,
    clock: { now: () => now },
    refreshKey: () => 'k',
    changed: () => {},
    last: noReserve,
  })
  await createAdapter(records, 'Grant').upsert('grant_a.f1', { jti: 'grant_a.f1' }, 1_000)
})
afterEach(() => {
  db.close()
  rmSync(dir, { recursive: true })
})

const token = (jti: string) => ({ jti, grantId: 'grant_a.f1', clientId: 'app' })

describe('the store behind oidc-provider', () => {
  it('lets one of many use a code that all of them found unused', async () => {
    const codes = createAdapter(records, 'AuthorizationCode')
    await codes.upsert('code', token('code'), 60)
    const found = await Promise.all(Array.from({ length: 50 }, () => codes.find('code')))
    expect(found.every((one) => one?.jti === 'code' && one.consumed === undefined)).toBe(true)
    const used = await Promise.allSettled(Array.from({ length: 50 }, () => codes.consume('code')))
    expect(used.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect(await codes.find('code')).toMatchObject({ consumed: expect.any(Number) })
  })

  it.each(['AuthorizationCode', 'RefreshToken', 'AccessToken'])(
    'writes no %s for an approval that ended meanwhile',
    async (model) => {
      const adapter = createAdapter(records, model)
      records.destroyFamilies('grant_a')
      await expect(adapter.upsert('late', token('late'), 60)).rejects.toMatchObject({
        error: 'invalid_grant',
      })
      expect(await adapter.find('late')).toBeUndefined()
    },
  )

  it('shows an issuer nothing that another one wrote', async () => {
    const here = 'https://bridge.example'
    for (const model of ['AuthorizationCode', 'RefreshToken', 'AccessToken', 'Interaction']) {
      await createAdapter(records, model, here).upsert('one', token('one'), 60)
      for (const other of [`${here}/mcp/home`, 'https://moved.example', `${here}/`, undefined])
        expect(await createAdapter(records, model, other).find('one'), model).toBeUndefined()
      const found = await createAdapter(records, model, here).find('one')
      expect(found).toEqual(token('one'))
    }
  })

  it('does not bring a used refresh token back to life by writing it again', async () => {
    const tokens = createAdapter(records, 'RefreshToken')
    const successor = records.successorOf('first')
    await tokens.upsert('first', token('first'), 600)
    await tokens.consume('first')
    await tokens.upsert(successor, token(successor), 600)
    await tokens.consume(successor)
    await tokens.upsert(records.successorOf(successor), token('x'), 600)
    // the other of two refreshes at once finishes late
    await tokens.upsert(successor, token(successor), 600)
    now += 61_000
    expect(await tokens.find(successor)).toMatchObject({ consumed: expect.any(Number) })
    await expect(tokens.consume(successor)).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('ends one grant without touching its neighbours', async () => {
    const grants = createAdapter(records, 'Grant')
    for (const family of ['grant_a.f2', 'grant_ab.f1', 'grant_.f1', 'grant_b.f1'])
      await grants.upsert(family, { jti: family }, 1_000)
    records.destroyFamilies('grant_a')
    for (const family of ['grant_a.f1', 'grant_a.f2']) expect(await grants.find(family)).toBeUndefined()
    for (const family of ['grant_ab.f1', 'grant_.f1', 'grant_b.f1'])
      expect(await grants.find(family)).toMatchObject({ jti: family })
  })

  it('forgets what has expired by our clock, swept or not', async () => {
    const tokens = createAdapter(records, 'AccessToken')
    await tokens.upsert('token', token('token'), 60)
    now += 60_000
    expect(await tokens.find('token')).toBeUndefined()
    records.sweep()
    expect(db.prepare("SELECT count(*) AS n FROM oauth_records WHERE model = 'AccessToken'").get()).toEqual({
      n: 0,
    })
  })

  it('keeps no session at all', async () => {
    const sessions = createAdapter(records, 'Session')
    await sessions.upsert('session', { jti: 'session' }, 60)
    expect(await sessions.find('session')).toBeUndefined()
  })
})
