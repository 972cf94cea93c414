import { readdirSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { moveProcessClock, type ProcessClock } from './fixture-clock.ts'
import { pinnedClient, statusOf } from './raw-requests.ts'

/** Strangers may register, so they may try to fill the disk (RFC 7591 §5). */
const total = Number(process.env.ATTACK_REGISTRATIONS ?? 50_000)
/** The clock moves on an hour after so many, and the next twenty are taken: four days of attack. */
const perHour = 500

let under: InProcess
let clock: ProcessClock
beforeAll(async () => {
  clock = moveProcessClock()
  under = await startInProcess()
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

/** Sent at a time, and the next when all are answered: who sends more ahead is cut off. */
const ahead = 32

/** Requests behind one another on one connection, as fast as they are answered. Resolves with the status codes. */
const pipelined = (port: number, requests: string[]): Promise<number[]> =>
  new Promise((resolve, reject) => {
    const statuses: number[] = []
    let text = ''
    let sent = 0
    const send = () => {
      for (const request of requests.slice(sent, sent + ahead)) socket.write(request)
      sent = Math.min(sent + ahead, requests.length)
    }
    const socket = connect(port, '127.0.0.1', send)
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      const lines = (text + chunk).split('\r\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        // a status line stands right behind the body of the answer before
        const status = /HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]
        if (status !== undefined) statuses.push(Number(status))
      }
      if (statuses.length === requests.length) socket.end()
      else if (statuses.length === sent) send()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(statuses))
  })

it(`${total} registrations make the database grow by less than 5 MB`, { timeout: 300_000 }, async () => {
  const statuses = new Map<number, number>()
  const { host, port } = new URL(under.local)
  const bytesOf = (n: number) => {
    const body = n % perHour < 40 ? document(n) : small(n)
    return `POST /oauth/register HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nx-forwarded-for: 10.${n % 250}.${n % 240}.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  }
  const before = bytes(database)
  let peak = before
  let hours = 0
  const began = performance.now()
  for (let sent = 0; sent < total; sent += perHour) {
    const hour = Array.from({ length: Math.min(perHour, total - sent) }, (_, k) => bytesOf(sent + k))
    for (const status of await pipelined(Number(port), hour))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    clock.move(3_600_001)
    hours += 1
    peak = Math.max(peak, bytes(database))
  }
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
  expect(statuses.get(201)).toBeLessThanOrEqual(hours * 20)
  expect((statuses.get(201) ?? 0) + (statuses.get(429) ?? 0)).toBe(total)
  // and an honest app is not shut out by it
  clock.move(3_600_001)
  for (const registration of [
    { kind: 'dynamic', name: 'Honest', redirect: 'http://127.0.0.1:49152/callback' } as const,
    pinnedClient('honest'),
  ])
    expect(await statusOf(under, (await under.connect(registration)).tokens.access)).toBe(200)
})
