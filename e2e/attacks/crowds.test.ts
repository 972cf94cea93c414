import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectAssistant } from '../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'

/** How long strangers are held off, and how soon a call must be answered meanwhile. Milliseconds. */
const attack = Number(process.env.ATTACK_CROWD_MS ?? 10_000)
const second = 1_000

/** How much longer than on a quiet machine of this class something takes now, never below 1: what runs beside the test counts. */
function slowness(): number {
  const began = performance.now()
  for (let n = 0; n < 20_000; n += 1) createHash('sha256').update(String(n)).digest()
  return Math.max(1, (performance.now() - began) / quiet)
}
const quiet = 60

/** Milliseconds within which an answer that took so long should have come; measured now, since what runs beside comes and goes. */
const soonEnough = (took: number): number => (took < second ? second : second * slowness())

let world: InProcess
let key: string
beforeAll(async () => {
  world = await startInProcess({ tunnel: true })
  await world.ask('preferences.set', { requestsPerMinute: null })
  key = (await world.ask('keys.create', { name: 'Known', access: 'everything' })).token
}, 60_000)
afterAll(() => world?.stop())

const held = new Set<Socket>()
let over = false
afterEach(async () => {
  over = true
  for (const socket of held) socket.destroy()
  held.clear()
  await sleep(200)
})

/** A stranger's connection; `said` is sent at once, `drip` every so often. Comes again when it is sent away. */
function hold(origin: string, said: string, drip: string | null, again: boolean): void {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname.endsWith('localhost') ? '127.0.0.1' : hostname)
  held.add(socket)
  const dripping = drip === null ? undefined : setInterval(() => socket.write(drip), 300)
  socket.on('error', () => {})
  socket.on('connect', () => said !== '' && socket.write(said))
  socket.on('data', () => {})
  socket.on('close', () => {
    clearInterval(dripping)
    held.delete(socket)
    if (again && !over) setTimeout(() => over || hold(origin, said, drip, again), 20)
  })
}

const slowForm = (origin: string, first = 'grant_type=') =>
  `POST /oauth/token HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\n${first}`
const slowHeaders = (origin: string) => `GET /health HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nX-A: `
const garbage = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'

/** One call of a known client on a new connection: how long it took, and what came. */
async function call(origin: string): Promise<{ status: number; took: number; said: string }> {
  const began = performance.now()
  const answer = await world
    .fetch(`${origin}/mcp`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' },
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      signal: AbortSignal.timeout(15_000),
    })
    .catch((error: Error) => ({ status: 0, text: async () => String(error.cause ?? error) }))
  const said = await answer.text()
  return { status: answer.status, took: performance.now() - began, said }
}

/** Calls again and again while the strangers are there. */
async function callsAreAnswered(origin: string): Promise<void> {
  let soon = second
  const until = performance.now() + attack
  const last = { status: 200, took: 0 }
  let calls = 0
  while (performance.now() < until) {
    const { status, took } = await call(origin)
    calls += 1
    soon = soonEnough(took)
    if (status !== 200) last.status = status
    last.took = took
    if (status !== 200 || took > soon) break
    await sleep(100)
  }
  expect(last, `after ${calls} calls`).toEqual({ status: 200, took: expect.any(Number) })
  expect(last.took, `call ${calls}`).toBeLessThan(soon)
}

const ways = ['directly', 'through the tunnel'] as const
const originOf = (way: (typeof ways)[number]) => (way === 'directly' ? world.local : world.public)

describe.each(ways)('300 held sockets and 50 slow bodies, %s', (way) => {
  const crowd = (again: boolean) => {
    over = false
    const origin = originOf(way)
    for (let n = 0; n < 300; n += 1) hold(origin, '', null, again)
    for (let n = 0; n < 50; n += 1) hold(origin, slowForm(origin), 'a', again)
  }

  it('a known client is answered within a second', async () => {
    crowd(false)
    await sleep(100)
    await callsAreAnswered(originOf(way))
  }, 40_000)

  it('also when those that were sent away come again at once', async () => {
    crowd(true)
    await sleep(100)
    await callsAreAnswered(originOf(way))
  }, 40_000)

  it('a new client can be let in while the window is open', async () => {
    crowd(true)
    await sleep(100)
    const browse = await world.letIn()
    const redirect = 'https://app.example/cb'
    const assistant = await connectAssistant(
      `${originOf(way)}/mcp`,
      { kind: 'dynamic', name: `New ${way}`, redirect },
      browse,
      world.fetch,
    )
    const answer = await assistant.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    expect(answer.status).toBe(200)
  }, 40_000)
})

it.each([
  ['half headers', (origin: string) => hold(origin, slowHeaders(origin), 'b', true)],
  ['TLS', (origin: string) => hold(origin, garbage, null, true)],
  [
    'questions whose answers nobody reads',
    (origin: string) => {
      const ask = `GET /.well-known/oauth-authorization-server HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n\r\n`
      const { hostname, port } = new URL(origin)
      const socket = connect(Number(port), hostname)
      held.add(socket)
      socket.on('error', () => {})
      socket.pause()
      socket.write(ask.repeat(20))
    },
  ],
])(
  '%s from 300 sockets do not keep a known client waiting',
  async (_what, begin) => {
    over = false
    for (let n = 0; n < 300; n += 1) begin(world.local)
    await sleep(100)
    const until = performance.now() + attack / 3
    while (performance.now() < until) {
      const { status, took, said } = await call(world.local)
      expect(status, said).toBe(200)
      expect(took).toBeLessThan(soonEnough(took))
      await sleep(100)
    }
  },
  40_000,
)

it('streams of known clients leave places for calls in the tunnel', async () => {
  const leave = new AbortController()
  // Kept: what nobody refers to is closed by the garbage collector, and its place is free.
  const answers: Response[] = []
  for (let n = 0; n < 14; n += 1) {
    const answer = await world.fetch(`${world.public}/sse`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      signal: AbortSignal.any([leave.signal, AbortSignal.timeout(30_000)]),
    })
    answers.push(answer)
    if (answer.status !== 200) await answer.text()
  }
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
  const { status, took } = await call(world.public)
  expect(status).toBe(200)
  expect(took).toBeLessThan(soonEnough(took))
  expect(answers).toHaveLength(14)
  leave.abort()
}, 40_000)
