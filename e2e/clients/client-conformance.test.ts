/**
 * The official conformance suite plays servers and authorization servers of all sorts; Drawbridge's own connections and
 * sign-ins have to get along with them. All that a revision scores has to pass.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Context, playClient } from './conformance-client.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const suite = file('../../node_modules/@modelcontextprotocol/conformance/dist/index.js')
/** The suite starts everything at once; a few at a time are no slower, and nothing runs into time limits on a busy computer. */
const atATime = 4
const lanes = Array.from({ length: atATime }, () => Promise.resolve())
let turn = 0
const relay = createServer(async (req, res) => {
  const { url, context } = JSON.parse(await text(req)) as { url: string; context: Context }
  turn += 1
  const lane = turn % atATime
  lanes[lane] = lanes[lane]!.then(async () => void res.end((await playClient(url, context)) ?? ''))
})
let command = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const { port } = relay.address() as AddressInfo
  command = `${process.execPath} ${file('conformance-relay.mjs')} http://127.0.0.1:${port}/`
})
afterAll(() => void relay.close())

interface Check {
  id: string
  status: string
  errorMessage?: string
}

/** Runs the suite's `client` mode for one revision, as its command line does. */
async function runSuite(revision: string) {
  const results = mkdtempSync(join(tmpdir(), 'drawbridge-client-conformance-'))
  const began = performance.now()
  try {
    const args = ['client', '--command', command, '--requirements', revision]
    args.push('--timeout', '100000', '--output-dir', results)
    const child = spawn(process.execPath, ['--no-warnings', suite, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' },
    })
    const output = await text(child.stdout)
    // One line for each scenario; those that are not scored come again below, with the reason.
    const summary = output.slice(output.indexOf('=== SUITE SUMMARY ==='))
    const unscored = new Set([...summary.matchAll(/^ +[✓✗] (\S+) \(/gm)].map(([, name]) => name!))
    const scored = [...summary.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm)]
      .map(([, name, passed, failed]) => ({ name: name!, passed: Number(passed), failed: Number(failed) }))
      .filter(({ name }) => !unscored.has(name))
    const problems = readdirSync(results, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('checks.json'))
      .filter((path) => scored.some(({ name, failed }) => failed > 0 && path.startsWith(`${name}-2`)))
      .flatMap((path) => {
        const checks = JSON.parse(readFileSync(join(results, path), 'utf8')) as Check[]
        const said = readFileSync(join(results, path, '../stderr.txt'), 'utf8')
        return [
          ...checks
            .filter(({ status }) => status === 'FAILURE')
            .map(({ id, errorMessage }) => `${path}: ${id} ${errorMessage ?? ''}`),
          said,
        ]
      })
    const count = (of: 'passed' | 'failed') => scored.reduce((sum, one) => sum + one[of], 0)
    const seconds = Math.round((performance.now() - began) / 1_000)
    console.info(
      `client conformance ${revision}: ${scored.length} scored scenarios, ${count('passed')} checks passed, ` +
        `${count('failed')} failed, ${seconds} s`,
    )
    return { scored, problems }
  } finally {
    rmSync(results, { recursive: true, force: true })
  }
}

it.each([
  ['2025-11-25', 18],
  ['2026-07-28', 32],
])(
  'does all that %s asks of clients',
  async (revision, scenarios) => {
    const { scored, problems } = await runSuite(revision)
    expect(problems).toEqual([])
    expect(scored.filter(({ failed, passed }) => failed > 0 || passed === 0)).toEqual([])
    expect(scored).toHaveLength(scenarios)
  },
  120_000,
)
