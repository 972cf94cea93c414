import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Input } from '../../src/contract/api.ts'
import { startInProcess } from '../fixtures/in-process.ts'
import { startBearerProxy } from './bearer-proxy.ts'
import { startHttpFixture } from './fixture-server.ts'
import { outcomes, type Revision, reasons, runSuite, type SuiteRun } from './run-suite.ts'

/**
 * A server behind Drawbridge looks to its clients as it does without: the official conformance suite says the same of both, in
 * both eras, whichever way Drawbridge reaches the server.
 */
const fixture = fileURLToPath(new URL('./fixture-server.ts', import.meta.url))
const revisions: Revision[] = ['2025-11-25', '2026-07-28']

const undo: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** A host with this one server and nothing else; resolves to an address where no bearer token is needed. */
async function through(server: Input<'servers.add'>): Promise<string> {
  const { host, ask, stop } = await startInProcess()
  undo.push(stop)
  const { id, slug } = await ask('servers.add', server)
  await ask('servers.update', { id, prefixed: false })
  await ask('workspaces.create', { name: 'suite', title: 'Suite', sources: [slug] })
  await ask('preferences.set', { requestsPerMinute: 100_000 })
  const { token } = await ask('keys.create', { name: 'Suite', access: 'everything', workspace: 'suite' })
  for (let tries = 0; tries < 200; tries += 1) {
    const tools = await ask('tools.list')
    if (tools.some((tool) => tool.name === 'test_simple_text')) break
    await sleep(50)
  }
  const proxy = await startBearerProxy(`${host.mcpUrl}/suite`, token)
  undo.push(() => proxy.close())
  return proxy.url
}

const direct = new Map<Revision, SuiteRun>()
let http: Awaited<ReturnType<typeof startHttpFixture>>
beforeAll(async () => {
  http = await startHttpFixture()
  undo.push(() => http.close())
  for (const revision of revisions) direct.set(revision, await runSuite(http.url, revision))
}, 60_000)

describe.each(revisions)('%s, directly', (revision) => {
  it('passes everything that is scored', () => {
    const run = direct.get(revision)!
    expect(scored(run).length).toBeGreaterThanOrEqual(30)
    for (const scenario of scored(run)) expect(failures(run, scenario), reasons(run, scenario)).toEqual([])
    const failing = [...run.scenarios.keys()].filter((scenario) => failures(run, scenario).length > 0)
    // An extension that the SDK does not have.
    expect(failing.filter((scenario) => !scenario.startsWith('tasks-'))).toEqual([])
    print(revision, 'directly', run)
  })
})

const stdio = (mode: string) => () => ({
  kind: 'stdio',
  name: 'Everything',
  command: process.execPath,
  args: [fixture, mode],
})

/** An older server cannot say what is missing in an answer: its questions are known by the call they came during. */
const older: Revision[] = ['2025-11-25']

describe.each([
  ['over stdio', stdio('--stdio'), revisions],
  ['over HTTP', () => ({ kind: 'http', name: 'Everything', url: http.url }), revisions],
  ['over stdio, and is older than 2026', stdio('--stdio-2025'), older],
])('through Drawbridge, which reaches a server %s', (how, server, asked) => {
  let url: string
  beforeAll(async () => {
    url = await through(server() as Input<'servers.add'>)
  }, 60_000)

  it.each(asked)(
    '%s scores the same',
    async (revision) => {
      const [without, run] = [direct.get(revision)!, await runSuite(url, revision)]
      print(revision, how, run)
      expect([...run.scenarios.keys()].sort()).toEqual([...without.scenarios.keys()].sort())
      for (const scenario of scored(without)) {
        const expected = outcomes(without, scenario).filter((line) => !onlyOfStreams.includes(line))
        expect(outcomes(run, scenario), reasons(run, scenario)).toEqual(expect.arrayContaining(expected))
        expect(failures(run, scenario), reasons(run, scenario)).toEqual([])
      }
    },
    90_000,
  )
})

/** The suite looks at this only when answers to plain calls come as streams. We answer them with JSON. */
const onlyOfStreams = ['server-sse-streams-functional: SUCCESS']

const scored = (run: SuiteRun) => [...run.scenarios.keys()].filter((name) => !run.unscored.has(name)).sort()
const failures = (run: SuiteRun, scenario: string) =>
  outcomes(run, scenario).filter((line) => !line.endsWith(': SUCCESS'))

function print(revision: Revision, how: string, run: SuiteRun): void {
  const unscored = [...run.unscored].filter((scenario) => failures(run, scenario).length > 0)
  console.log(
    `Conformance ${revision}, ${how}: ${run.passed} passed, ${run.failed} failed (${run.seconds.toFixed(1)} s). ` +
      `Scored scenarios failing: ${scored(run).filter((scenario) => failures(run, scenario).length > 0)}. ` +
      `Unscored scenarios failing: ${unscored.length} of ${run.unscored.size}.`,
  )
}
