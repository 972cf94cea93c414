import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The official MCP conformance suite, pinned in package.json. */
const suite = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
)

export type Revision = '2025-11-25' | '2026-07-28'

interface Check {
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  errorMessage?: string
  details?: unknown
}

export interface SuiteRun {
  /** By scenario. What the suite only remarks (INFO) is left out: it says so where a check does not apply. */
  scenarios: Map<string, Check[]>
  passed: number
  failed: number
  /** Scenarios that the suite runs without counting them. */
  unscored: ReadonlySet<string>
  seconds: number
  output: string
}

/** Runs the suite's `server` mode. What it wrote counts, not only what it said. */
export async function runSuite(url: string, revision: Revision): Promise<SuiteRun> {
  const results = mkdtempSync(join(tmpdir(), 'drawbridge-transparency-'))
  const started = performance.now()
  const args = ['server', '--url', url, '--requirements', revision, '--output-dir', results]
  const child = spawn(process.execPath, [suite, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' },
  })
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk))
  await new Promise((resolve) => child.once('close', resolve))
  process.removeListener('exit', killAtExit)

  const scenarios = new Map<string, Check[]>()
  for (const folder of readdirSync(results)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(folder)?.[1]
    if (!scenario) throw new Error(`not the result of a scenario: ${folder}`)
    const checks = JSON.parse(readFileSync(join(results, folder, 'checks.json'), 'utf8')) as Check[]
    scenarios.set(
      scenario,
      checks.filter((check) => check.status !== 'INFO'),
    )
  }
  rmSync(results, { recursive: true })

  const [, passed, failed] = /^Total: (\d+) passed, (\d+) failed/m.exec(output) ?? []
  if (passed === undefined) throw new Error(`the suite said no total:\n${output}`)
  const notScored = output.slice(output.indexOf('Not scored for'))
  return {
    scenarios,
    passed: Number(passed),
    failed: Number(failed),
    unscored: new Set([...notScored.matchAll(/^ +[✓✗] (\S+) \(/gm)].map((found) => found[1]!)),
    seconds: (performance.now() - started) / 1_000,
    output,
  }
}

/** Which check came out how, in one line each: what has to be the same through a gateway. */
export const outcomes = (run: SuiteRun, scenario: string): string[] =>
  (run.scenarios.get(scenario) ?? []).map((check) => `${check.id}: ${check.status}`).sort()

/** Why checks of a scenario did not pass, for people. */
export const reasons = (run: SuiteRun, scenario: string): string =>
  (run.scenarios.get(scenario) ?? [])
    .filter((check) => check.status !== 'SUCCESS')
    .map((check) => `${check.id}: ${check.status} ${check.errorMessage} ${JSON.stringify(check.details)}`)
    .join('\n')
