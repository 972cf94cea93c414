import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { Pool } from 'undici'
import type { Input } from '../../src/contract/api.ts'
import { startMeasuredHost } from '../fixtures/measured-host.ts'
import { garbage, sendBytes } from './malformed-bytes.ts'
import { type Malformed, malformed } from './malformed-messages.ts'
import { openSession, ping } from './malformed-pings.ts'

interface Memory {
  rss: number
  heapUsed: number
}

export interface MalformedReport {
  sent: number
  /** How often each HTTP status came; `closed`: the connection was, without an answer. */
  statuses: Map<string, number>
  /** What must not happen, with what caused it. */
  problems: string[]
  pings: number
  /** The longest that a good ping waited, in milliseconds. */
  slowestPing: number
  /** Of the host, in bytes, after each tenth. */
  memory: Memory[]
  seconds: number
}

interface Options {
  count: number
  seed: number
  concurrency?: number
  told?: (line: string) => void
}

const fixture = fileURLToPath(new URL('../transparency/fixture-server.ts', import.meta.url))
/** One in so many is not even HTTP. */
const bytesEvery = 50
const block = 1_000

/** Sends malformed and mutated messages with a good token to a real host in a process of its own, and watches it. */
export async function runMalformed({
  count,
  seed,
  concurrency = 24,
  told = () => {},
}: Options): Promise<MalformedReport> {
  const host = await startMeasuredHost()
  const { origin, hostname, port, host: authority } = new URL(host.mcpUrl)
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1, headersTimeout: 15_000 })
  const statuses = new Map<string, number>()
  const problems: string[] = []
  const tally = (status: string) => statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const problem = (what: string, one: { how: string }, number: number) => {
    if (problems.length < 50) problems.push(`${what}: message ${number} (${one.how})`)
  }
  try {
    await host.addServer({
      kind: 'stdio',
      name: 'Everything',
      command: process.execPath,
      args: [fixture, '--stdio'],
    } as Input<'servers.add'>)
    const { id } = (await host.ask('servers.list'))[0]!
    await host.ask('servers.update', { id, prefixed: false })
    await host.ask('preferences.set', { requestsPerMinute: null })
    const key = async (name: string) => (await host.ask('keys.create', { name, access: 'everything' })).token
    const [token, other, good] = [await key('Malformed'), await key('Other'), await key('Good')]
    const sessions = {
      live: await openSession(origin, token),
      'of-another': await openSession(origin, other),
      ended: await openSession(origin, token, true),
      good: await openSession(origin, good),
    }

    const sendOne = async (one: Malformed, number: number): Promise<void> => {
      const headers: Record<string, string> = { ...one.headers, authorization: `Bearer ${token}` }
      const session = sessionId(one.session, sessions)
      if (session !== null) headers['mcp-session-id'] = session
      const ended = new AbortController()
      const tooLong = setTimeout(() => ended.abort(), 20_000)
      try {
        const answer = await pool.request({
          method: one.method as 'POST',
          path: one.path,
          headers,
          body: one.body,
          signal: ended.signal,
        })
        tally(String(answer.statusCode))
        if (answer.statusCode >= 500) problem(`status ${answer.statusCode}`, one, number)
        const type = String(answer.headers['content-type'] ?? '')
        if (type.startsWith('text/event-stream')) {
          // Streams may stay open for as long as they like: a look is enough.
          setTimeout(() => answer.body.destroy(), 30)
          answer.body.on('error', () => {})
          await new Promise((resolve) => answer.body.resume().once('close', resolve))
          return
        }
        const text = await answer.body.text()
        if (type.startsWith('application/json') && one.method !== 'HEAD') {
          const said = JSON.parse(text) as { id?: unknown }
          if (!mayAnswer(one, said.id))
            problem(`an answer to ${JSON.stringify(said.id).slice(0, 60)}`, one, number)
        }
        if (/\n +at |node_modules|\.ts:\d/.test(text)) problem('a stack', one, number)
        // Whatever ended the session was allowed to; the next messages want one again.
        if (one.method === 'DELETE' && one.session === 'live' && answer.statusCode < 300)
          sessions.live = await openSession(origin, token)
      } catch (error) {
        if (ended.signal.aborted) problem('no answer within 20 s', one, number)
        else if (host.crashed() !== null) problem(host.crashed()!, one, number)
        else if (/JSON/.test(String(error))) problem(`no JSON: ${String(error)}`, one, number)
        else tally(`closed (${(error as NodeJS.ErrnoException).code ?? String(error)})`)
      } finally {
        clearTimeout(tooLong)
      }
    }

    const started = performance.now()
    let [sent, pings, slowestPing] = [0, 0, 0]
    const memory: Memory[] = []
    const inTurn = async <T>(all: T[], send: (one: T, number: number) => Promise<void>) => {
      let next = 0
      const first = sent
      const worker = async () => {
        while (next < all.length && host.crashed() === null) {
          const mine = next++
          await send(all[mine]!, first + mine)
        }
      }
      await Promise.all(Array.from({ length: concurrency }, worker))
      sent += all.length
    }
    for (let number = 0; sent < count && host.crashed() === null; number += 1) {
      const wanted = Math.min(block, count - sent)
      const raw = Math.floor(wanted / bytesEvery)
      const options = { seed: seed + number }
      await inTurn(fc.sample(malformed, { ...options, numRuns: wanted - raw }), sendOne)
      await inTurn(fc.sample(garbage(authority, token), { ...options, numRuns: raw }), async (one, at) => {
        const text = await sendBytes(hostname, Number(port), one.bytes)
        const found = [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((line) => line[1]!)
        for (const status of found.length > 0 ? found.slice(0, 1) : ['closed (bytes)']) tally(status)
        if (found.some((status) => status >= '500')) problem(`status ${found}`, one, at)
      })
      const ping_ = await ping(origin, good, sessions.good)
      pings += 1
      slowestPing = Math.max(slowestPing, ping_.took)
      if (ping_.problem) problems.push(`${ping_.problem} after ${sent} messages`)
      if (sent >= ((memory.length + 1) * count) / 10) {
        const { rss, heapUsed, troubles } = await host.measure()
        memory.push({ rss, heapUsed })
        for (const trouble of troubles) if (!problems.includes(trouble)) problems.push(trouble)
      }
      told(`${sent} of ${count} sent, the slowest ping took ${slowestPing.toFixed(0)} ms`)
    }
    const seconds = (performance.now() - started) / 1_000
    if (host.crashed() !== null) problems.push(host.crashed()!)
    return { sent, statuses, problems, pings, slowestPing, memory, seconds }
  } finally {
    await pool.destroy()
    await host.stop()
  }
}

function sessionId(
  session: Malformed['session'],
  known: Record<'live' | 'of-another' | 'ended', string | null>,
): string | null {
  if (session === 'none') return null
  if (session === 'forged') return 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  if (session !== 'changed') return known[session]
  const live = known.live ?? 'x'
  const middle = Math.floor(live.length / 2)
  return `${live.slice(0, middle)}${live[middle] === 'A' ? 'B' : 'A'}${live.slice(middle + 1)}`
}

/** An answer carries the id of what it answers, or none. */
function mayAnswer(one: Malformed, id: unknown): boolean {
  if (id === undefined || id === null) return true
  try {
    const asked = JSON.parse(new TextDecoder().decode(one.body ?? Buffer.from('null'))) as {
      id?: unknown
    } | null
    return Object.is(asked?.id, id) || asked?.id === id
  } catch {
    return false
  }
}

/** Bytes, from the first tenth to the end. */
export const grown = ({ memory }: MalformedReport): number =>
  memory.length > 0 ? memory.at(-1)!.rss - memory[0]!.rss : Number.POSITIVE_INFINITY

/** What was found, in a few lines. */
export function summary(report: MalformedReport, seed: number): string {
  const megabytes = (bytes: number) => (bytes / 1_048_576).toFixed(1)
  const memory = ({ rss, heapUsed }: Memory) => `${megabytes(rss)} (${megabytes(heapUsed)})`
  const statuses = [...report.statuses].sort(([a], [b]) => a.localeCompare(b))
  return [
    `${report.sent} malformed messages (seed ${seed}) in ${report.seconds.toFixed(1)} s, ${Math.round(report.sent / report.seconds)} per second; ${report.problems.length} problems.`,
    `${report.pings} times all good pings were answered, the slowest in ${report.slowestPing.toFixed(0)} ms.`,
    `Memory after each tenth, MB (of it used by JavaScript): ${report.memory.map(memory).join(', ')}.`,
    `Statuses: ${statuses.map(([status, times]) => `${status} ${times}×`).join(', ')}.`,
    ...report.problems,
  ].join('\n')
}
