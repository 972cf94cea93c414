import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import type { Input } from '../../src/contract/api.ts'
import { startMeasuredHost } from '../fixtures/measured-host.ts'
import { rawClient, type SoakClient, sdkClient } from './soak-clients.ts'

export interface SoakReport {
  clients: number
  calls: number
  progress: number
  lists: number
  /** No answer, or an error instead of one. */
  lost: string[]
  /** The answer, or what was told on the way, of somebody else. */
  mixed: string[]
  seconds: number
  /** Of the host, in bytes, at these seconds. */
  memory: { at: number; rss: number; heapUsed: number }[]
  troubles: string[]
}

interface Options {
  seconds: number
  clients?: number
  told?: (line: string) => void
}

const program = fileURLToPath(new URL('./echo-server.ts', import.meta.url))
const tools = ['stdio__echo', 'http__echo']

/** Many clients of all kinds with the same JSON-RPC ids at one real host, every answer checked by what only it can contain. */
export async function runSoak({ seconds, clients = 50, told = () => {} }: Options): Promise<SoakReport> {
  const http = await startHttpEcho()
  const host = await startMeasuredHost()
  const pool = new Pool(new URL(host.mcpUrl).origin, { connections: clients })
  const report: SoakReport = {
    clients,
    calls: 0,
    progress: 0,
    lists: 0,
    lost: [],
    mixed: [],
    seconds: 0,
    memory: [],
    troubles: [],
  }
  const all: SoakClient[] = []
  try {
    await host.addServer({
      kind: 'stdio',
      name: 'stdio',
      command: process.execPath,
      args: [program, '--stdio'],
    } as Input<'servers.add'>)
    await host.addServer({ kind: 'http', name: 'http', url: http.url } as Input<'servers.add'>)
    await host.ask('preferences.set', { requestsPerMinute: null })
    const key = async (name: string) => (await host.ask('keys.create', { name, access: 'everything' })).token
    const shared = await key('Shared')
    const open = [
      (token: string) => sdkClient(host.mcpUrl, token, 'legacy'),
      (token: string) => sdkClient(host.mcpUrl, token, 'auto'),
      (token: string) => rawClient(pool, token, 'stateless'),
      (token: string) => rawClient(pool, token, 'session'),
      (token: string) => rawClient(pool, token, 'modern'),
    ]
    for (let number = 0; number < clients; number += 1) {
      // One half shares a key, the others have their own; all kinds are in both halves.
      const token = number < clients / 2 ? shared : await key(`Client ${number}`)
      all.push(await open[number % open.length]!(token))
    }

    const started = performance.now()
    const elapsed = () => (performance.now() - started) / 1_000
    const drive = async (client: SoakClient, number: number) => {
      for (let turn = 0; elapsed() < seconds && host.crashed() === null; turn += 1) {
        const who = `client ${number} (${client.kind}), turn ${turn}`
        try {
          if (turn % 25 === number % 25) {
            const names = await client.toolNames()
            report.lists += 1
            if (!tools.every((tool) => names.includes(tool)))
              report.lost.push(`${who}: the tools are ${names}`)
            continue
          }
          const canary = `${number}-${turn}-${randomUUID()}`
          const withProgress = turn % 5 === 0
          const args = { text: canary, wait: Math.floor(Math.random() * 8) }
          const answer = await client.call(tools[(number + turn) % 2]!, args, withProgress)
          report.calls += 1
          report.progress += answer.progress.length
          if (answer.text !== canary) report.mixed.push(`${who}: ${canary} became ${answer.text}`)
          if (answer.progress.some((message) => message !== canary))
            report.mixed.push(`${who}: ${canary} was told ${answer.progress}`)
          if (!withProgress && answer.progress.length > 0) report.mixed.push(`${who}: told unasked`)
        } catch (error) {
          report.lost.push(`${who}: ${String(error)}`)
          // What is broken would fail thousands of times a second otherwise.
          await sleep(200)
        }
      }
    }
    const watch = async () => {
      while (elapsed() < seconds) {
        const { rss, heapUsed, troubles } = await host.measure()
        report.troubles = troubles
        report.memory.push({ at: elapsed(), rss, heapUsed })
        told(`${elapsed().toFixed(0)} s: ${report.calls} calls, ${(rss / 1_048_576).toFixed(0)} MB`)
        await sleep(Math.max(500, (seconds * 1_000) / 30))
      }
    }
    const driving = all.flatMap((client, number) =>
      Array.from({ length: client.atOnce }, () => drive(client, number)),
    )
    await Promise.all([...driving, watch()])
    report.seconds = elapsed()
    if (host.crashed() !== null) report.troubles.push(host.crashed()!)
    return report
  } finally {
    await Promise.allSettled(all.map((client) => client.close()))
    await pool.destroy()
    await host.stop()
    http.stop()
  }
}

async function startHttpEcho(): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [program, '--http'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const stop = () => void child.kill('SIGKILL')
  process.once('exit', stop)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim()))
    child.once('exit', () => reject(new Error('the HTTP echo server did not start')))
  })
  return { url, stop }
}

/** Least squares over the second half, when everything is warm; bytes per minute. */
function memorySlope(samples: SoakReport['memory']): number {
  const half = samples.slice(Math.floor(samples.length / 2))
  if (half.length < 2) return 0
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(half.map(({ at }) => at)), mean(half.map(({ rss }) => rss))]
  const over = mean(half.map(({ at, rss }) => (at - x) * (rss - y)))
  const under = mean(half.map(({ at }) => (at - x) ** 2))
  return (over / under) * 60
}

/** What was found, in a few lines. */
export function summary(report: SoakReport): string {
  const megabytes = (bytes: number) => (bytes / 1_048_576).toFixed(1)
  const [first, last] = [report.memory[0], report.memory.at(-1)]
  return [
    `${report.clients} clients with the same ids, ${report.seconds.toFixed(0)} s: ${report.calls} calls ` +
      `(${Math.round(report.calls / report.seconds)} per second), ${report.progress} notifications of progress, ` +
      `${report.lists} lists; ${report.lost.length} lost, ${report.mixed.length} mixed up.`,
    `Memory of the host: ${megabytes(first?.rss ?? 0)} MB at first, ${megabytes(last?.rss ?? 0)} MB at last ` +
      `(JavaScript ${megabytes(first?.heapUsed ?? 0)} → ${megabytes(last?.heapUsed ?? 0)} MB), ` +
      `${megabytes(memorySlope(report.memory))} MB per minute in the second half.`,
    ...[...report.mixed, ...report.lost, ...report.troubles].slice(0, 20),
  ].join('\n')
}
