import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, checkEcho } from '../clients/client.ts'
import { percentile } from './statistics.ts'

/** How long each call took, and all of them together, in milliseconds. */
export interface Load {
  times: number[]
  milliseconds: number
}

export interface Summary {
  calls: number
  perSecond: number
  /** Milliseconds. */
  p50: number
  p95: number
  p99: number
}

export interface LoadOptions {
  concurrency: number
  milliseconds: number
  /** The tool of the n-th call. */
  tool(n: number): string
}

let texts = 0
/** Another text for every call, so that an answer cannot be mistaken for another's. */
const nextText = () => `call ${++texts} of this run: the quick brown fox jumps over the lazy dog`

/** Calls as fast as answers come, so many at a time. Throws when one answer is not what was asked for. */
export async function closedLoad(client: Client, options: LoadOptions): Promise<Load> {
  const { concurrency, milliseconds, tool } = options
  const times: number[] = []
  let n = 0
  const began = performance.now()
  const until = began + milliseconds
  const worker = async (lane: number) => {
    for (let now = performance.now(); now < until; ) {
      const text = nextText()
      const result = await client.request(lane, 'tools/call', { name: tool(n++), arguments: { text } })
      const after = performance.now()
      times.push(after - now)
      checkEcho(result, text)
      now = after
    }
  }
  await Promise.all(Array.from({ length: concurrency }, (_, lane) => worker(lane)))
  return { times, milliseconds: performance.now() - began }
}

/** So many calls a second whatever the answers do; at most 32 on their way. */
export async function steadyLoad(
  client: Client,
  options: { perSecond: number; milliseconds: number; lanes: number; tool(n: number): string },
): Promise<Load> {
  const { perSecond, milliseconds, lanes, tool } = options
  const free = Array.from({ length: lanes }, (_, lane) => lane)
  const times: number[] = []
  const running: Promise<void>[] = []
  const began = performance.now()
  const total = Math.round((perSecond * milliseconds) / 1000)
  for (let n = 0; n < total; n++) {
    const due = began + (n * 1000) / perSecond
    const wait = due - performance.now()
    if (wait > 0) await delay(wait)
    const lane = free.pop()
    if (lane === undefined) {
      // Their answers must not be taken for those of whoever tries again.
      await Promise.allSettled(running)
      throw new Error(`more than ${lanes} calls on their way at ${perSecond} a second`)
    }
    running.push(
      (async () => {
        const text = nextText()
        const sent = performance.now()
        const result = await client.request(lane, 'tools/call', { name: tool(n), arguments: { text } })
        times.push(performance.now() - sent)
        free.push(lane)
        checkEcho(result, text)
      })(),
    )
  }
  await Promise.all(running)
  return { times, milliseconds: performance.now() - began }
}

/** The list again and again, one at a time; each must have so many tools. */
export async function listLoad(
  client: Client,
  options: { milliseconds: number; tools: number },
): Promise<Load> {
  const times: number[] = []
  const began = performance.now()
  for (let now = began; now < began + options.milliseconds; ) {
    const found = await countTools(client)
    const after = performance.now()
    times.push(after - now)
    if (found < options.tools) throw new Error(`${found} tools listed instead of ${options.tools}`)
    now = after
  }
  return { times, milliseconds: performance.now() - began }
}

/** All pages of the list. */
async function countTools(client: Client): Promise<number> {
  let count = 0
  let cursor: unknown
  do {
    const page = await client.request(0, 'tools/list', cursor === undefined ? {} : { cursor })
    count += (page.tools as unknown[]).length
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return count
}

/** What was measured in several turns, as if it had been one. */
export function summary(turns: readonly Load[]): Summary {
  const times = turns.flatMap((turn) => turn.times)
  const milliseconds = turns.reduce((sum, turn) => sum + turn.milliseconds, 0)
  return {
    calls: times.length,
    perSecond: (times.length * 1000) / milliseconds,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
  }
}
