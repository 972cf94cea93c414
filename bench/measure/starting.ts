import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, checkEcho } from '../clients/client.ts'
import { stop } from '../subjects/processes.ts'
import type { Running, Subject } from '../subjects/subject.ts'

const patience = 60_000

export interface Start {
  /** Milliseconds from spawning to the first good answer of a tool. */
  first: number
  /** To the first good answer of the last upstream. */
  all: number
}

/** Starts a subject and calls the tool of every upstream until each has answered well. It runs on. */
export async function timedStart(
  subject: Subject,
  upstreams: number,
): Promise<{ running: Running; client: Client; start: Start }> {
  const began = performance.now()
  const running = await subject.start()
  try {
    const client = await openSoon(running, Math.max(32, upstreams), began)
    const start = { first: 0, all: 0 }
    const missing = new Set(Array.from({ length: upstreams }, (_, n) => n))
    const asked = new Set<number>()
    const ask = async (n: number) => {
      asked.add(n)
      try {
        const text = `start ${n}`
        checkEcho(await client.request(n, 'tools/call', { name: running.tool(n), arguments: { text } }), text)
        start.all = performance.now() - began
        if (start.first === 0) start.first = start.all
        missing.delete(n)
      } catch {
        // not up yet
      } finally {
        asked.delete(n)
      }
    }
    // often enough to be exact, seldom enough not to be in the way of what starts
    const pause = upstreams === 1 ? 2 : 50
    while (missing.size > 0) {
      if (performance.now() - began > patience)
        throw new Error(`${subject.name}: ${missing.size} of ${upstreams} did not start in a minute`)
      for (const n of missing) if (!asked.has(n)) void ask(n)
      await delay(pause)
    }
    return { running, client, start }
  } catch (error) {
    await stop(running.child)
    throw error
  }
}

async function openSoon(running: Running, lanes: number, began: number): Promise<Client> {
  for (;;) {
    try {
      return await running.open(lanes)
    } catch (error) {
      const { child } = running
      if (child.pid === undefined || child.exitCode !== null || performance.now() - began > patience)
        throw error
      await delay(3)
    }
  }
}
