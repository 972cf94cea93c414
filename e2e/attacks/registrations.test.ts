import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { moveProcessClock, type ProcessClock } from './fixture-clock.ts'
import { type AttackedHost, openHost, pinnedClient, statusOf } from './fixture-host.ts'

/** Strangers may register, so they may try to fill the disk (RFC 7591 §5). */
const total = Number(process.env.ATTACK_REGISTRATIONS ?? 50_000)
/** The clock moves on an hour after so many, and the next twenty are taken: four days of attack. */
const perHour = 500

let under: AttackedHost
let clock: ProcessClock
beforeAll(async () => {
  clock = moveProcessClock()
  under = await openHost()
}, 30_000)
afterAll(async () => {
  clock.restore()
  await under?.stop()
})

const bytes = (pattern: RegExp) =>
  readdirSync(under.dataDir)
    .filter((file) => pattern.test(file))
    .reduce((sum, file) => sum + statSync(join(under.dataDir, file)).size, 0)
/** What is stored. What was just written is in the write-ahead log beside it, which SQLite keeps at four megabytes. */
const database = /^drawbridge\.db$/
const writeAhead = /^drawbridge\.db-wal$/

/** As large as they may be: 16 kB, of which the addresses are kept. */
const document = (n: number) =>
  JSON.stringify({
    client_name: `App ${n}`,
    redirect_uris: Array.from({ length: 8 }, (_, k) => `https://a${n}-${k}.example/${'p'.repeat(1_900)}`),
  })
const small = (n: number) => JSON.stringify({ redirect_uris: [`https://a${n}.example/cb`] })

it(`${total} registrations make the database grow by less than 5 MB`, { timeout: 300_000 }, async () => {
  const statuses = new Map<number, number>()
  const register = async (n: number, body: string) => {
    const answer = await under.send({
      method: 'POST',
      path: '/oauth/register',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.${n % 250}.${n % 240}.1` },
      body,
    })
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
  }
  const before = bytes(database)
  let peak = before
  let sent = 0
  let hours = 0
  const began = performance.now()
  const lanes = Array.from({ length: 16 }, async () => {
    while (sent < total) {
      const n = sent
      sent += 1
      if (Math.floor(sent / perHour) > hours) {
        hours += 1
        clock.move(3_600_001)
        peak = Math.max(peak, bytes(database))
      }
      await register(n, n % perHour < 40 ? document(n) : small(n))
    }
  })
  await Promise.all(lanes)
  const seconds = (performance.now() - began) / 1_000
  const grown = Math.max(peak, bytes(database)) - before
  console.log(
    `${total} registrations in ${seconds.toFixed(1)} s over ${hours} hours: ${JSON.stringify(Object.fromEntries(statuses))}, database +${(grown / 1e6).toFixed(2)} MB, write-ahead log ${(bytes(writeAhead) / 1e6).toFixed(2)} MB, log ${(bytes(/\.log/) / 1e6).toFixed(1)} MB`,
  )
  expect(grown).toBeLessThan(5_000_000)
  expect(bytes(writeAhead)).toBeLessThan(5_000_000)
  // the log is bounded on its own: two files of five megabytes
  expect(bytes(/\.log/)).toBeLessThan(11_000_000)
  // many got through the cap, so that more than the cap is tested
  expect(statuses.get(201)).toBeGreaterThan(total / 30)
  expect(statuses.get(201)).toBeLessThanOrEqual((hours + 1) * 20)
  expect((statuses.get(201) ?? 0) + (statuses.get(429) ?? 0)).toBe(total)
  // and an honest app is not shut out by it
  clock.move(3_600_001)
  for (const registration of [
    { kind: 'dynamic', name: 'Honest', redirect: 'http://127.0.0.1:49152/callback' } as const,
    pinnedClient('honest'),
  ])
    expect(await statusOf(under, (await under.connect(registration)).tokens.access)).toBe(200)
})
