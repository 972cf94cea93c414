// Starting and ending programs so that nothing is left behind, whatever happens.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Upstreams } from './subject.ts'

export const root = resolve(import.meta.dirname, '../..')
export const bench = join(root, 'bench')
const stdioServer = join(bench, 'upstream/stdio.mjs')
const httpServer = join(bench, 'upstream/http.mjs')
/** Also that of another checkout. */
export const isUpstream = (commandLine: string): boolean => commandLine.includes('/bench/upstream/stdio.mjs')

const running = new Set<ChildProcess>()

/** A program in a group of its own; what it prints on standard error is kept for an error message. */
export function start(args: string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...options,
    // nothing of whoever runs the bench, and no way out of this computer
    env: { PATH: process.env.PATH, HOME: options.cwd as string, NODE_ENV: 'production', ...options.env },
  })
  running.add(child)
  child.on('exit', () => running.delete(child))
  child.on('error', () => running.delete(child)) // it has no pid: whoever waits for it finds out
  child.stderr?.resume()
  return child
}

/** Ends a program and everything it started; by force when it takes more than three seconds. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await Promise.race([ended, delay(3_000, undefined, { ref: false })])
  }
  killGroup(child)
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // nobody of it is left
  }
}

/** For the end of the run, orderly or not. */
export function killAll(): void {
  for (const child of running) killGroup(child)
}

/** The first line a program prints that `pick` takes. */
export function line(child: ChildProcess, pick: (text: string) => string | null): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout! })
    lines.on('line', (text) => {
      const picked = pick(text)
      if (picked === null) return
      resolve(picked)
      lines.close()
      child.stdout!.resume()
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
  })
}

/** A port nobody uses right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** What Node.js is given to be a stdio server. */
export const stdioArgs = ({ tools, eras }: Pick<Upstreams, 'tools' | 'eras'>): string[] => [
  stdioServer,
  String(tools),
  eras,
]

/** The SDK's own HTTP server. */
export async function startHttpServer(folder: string, tools = 1) {
  const child = start([httpServer, String(tools)], { cwd: folder })
  return { child, url: await line(child, (text) => (text.startsWith('http://') ? text : null)) }
}
