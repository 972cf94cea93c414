import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** The official suite's command, as its package names it. */
const suite = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
)

export interface Outcome {
  code: number | null
  output: string
  /** Checks, as the suite sums up. */
  passed: number
  failed: number
}

/**
 * Runs the `authorization` part of the suite against an issuer. `visit` is the person at the browser: it is given the
 * address that the suite asks to open, and has to bring the browser to where that leads.
 */
export async function runAuthorizationSuite(options: {
  issuer: string
  resource: string
  callbackPort: number
  clientId: string
  clientSecret?: string
  visit(url: string): Promise<void>
}): Promise<Outcome> {
  const { issuer, resource, callbackPort, clientId, clientSecret } = options
  const secret = clientSecret === undefined ? [] : ['--client-secret', clientSecret]
  const child = spawn(
    process.execPath,
    [
      ...[suite, 'authorization', '--url', issuer, '--resource', resource],
      ...['--client-id', clientId, ...secret, '-p', String(callbackPort)],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const lines: string[] = []
  let visiting: Promise<void> = Promise.resolve()
  const read = (line: string) => {
    lines.push(line)
    if (line.startsWith('http') && line.includes('response_type=code'))
      visiting = options.visit(line.trim()).catch((error: unknown) => {
        lines.push(String(error))
        child.kill()
      })
  }
  createInterface({ input: child.stdout }).on('line', read)
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const code = await ended
  await visiting
  const output = lines.join('\n')
  const total = /(\d+) passed, (\d+) failed/g
  const [, passed = '0', failed = '-1'] = [...output.matchAll(total)].at(-1) ?? []
  return { code, output, passed: Number(passed), failed: Number(failed) }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
