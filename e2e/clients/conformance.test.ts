import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'

/**
 * The official MCP conformance suite for authorization servers, pinned in package.json. It prints the address that a
 * person has to open and waits at a port of its own for the way back; everything else is between it and us.
 */
const suite = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
)

interface Check {
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  errorMessage?: string
}

let at: InProcess
beforeAll(async () => {
  at = await startInProcess()
  await at.ask('workspaces.create', { name: 'home', title: 'Home', sources: ['github'] })
})
afterAll(() => at?.stop())

it.each([
  ['the root issuer', 'default'],
  ['the issuer of a workspace', 'home'],
])(
  'passes the official conformance suite: %s',
  async (_what, workspace) => {
    // Registered with the suite's usual port; a loopback redirect may come back at any (RFC 8252 §7.3).
    const client = await at.ask('clients.register', {
      name: `Conformance ${workspace}`,
      redirectUris: ['http://127.0.0.1:3000/callback'],
      workspace,
    })
    expect(client.clientSecret).toBeNull()
    const results = mkdtempSync(join(tmpdir(), 'drawbridge-conformance-'))
    const run = await runSuite(
      ['--url', client.issuer, '--client-id', client.clientId, '--resource', client.resource],
      results,
      await at.letIn(),
    )
    expect(run.code, run.output).toBe(0)

    // What it wrote counts, not only what it said.
    const scenarios = readdirSync(results)
    const checks = scenarios.flatMap(
      (scenario) => JSON.parse(readFileSync(join(results, scenario, 'checks.json'), 'utf8')) as Check[],
    )
    expect(
      checks.filter((check) => check.status !== 'SUCCESS'),
      run.output,
    ).toEqual([])
    expect(checks.map((check) => check.id)).toEqual(
      expect.arrayContaining(['authorization-server-metadata', 'authorization-server-metadata-cimd']),
    )
    expect(scenarios.some((name) => name.includes('authorization-code-grant'))).toBe(true)
    const [, passed, failed] = /Total: (\d+) passed, (\d+) failed/.exec(run.output) ?? []
    expect([Number(passed), Number(failed)]).toEqual([checks.length, 0])
    expect(checks.length).toBeGreaterThanOrEqual(3)
    console.log(`Authorization conformance, ${client.issuer}: ${checks.length} checks passed, 0 failed.`)
  },
  30_000,
)

it('would be told of what is wrong: an issuer that is not spelled like ours', async () => {
  const results = mkdtempSync(join(tmpdir(), 'drawbridge-conformance-'))
  const run = await runSuite(
    ['--url', `${at.local}/`, '--scenario', 'authorization-server-metadata-endpoint'],
    results,
    null,
  )
  expect(run.code).toBe(1)
  expect(run.output).toContain('Invalid issuer')
}, 30_000)

type Browser = Awaited<ReturnType<InProcess['letIn']>>

async function runSuite(args: string[], results: string, browser: Browser | null) {
  const port = await freePort()
  const child = spawn(
    process.execPath,
    [suite, 'authorization', ...args, '--port', String(port), '--output-dir', results],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' } },
  )
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  let output = ''
  let opened: Promise<void> | null = null
  const read = (chunk: Buffer) => {
    output += chunk
    const url = /^(http\S+\/authorize\?\S+)\n/m.exec(output)?.[1]
    if (!url || !browser || opened) return
    opened = browser(new URL(url), `http://127.0.0.1:${port}/callback`).then(async (back) => {
      await (await fetch(back)).arrayBuffer()
    })
    // Left alone the suite would wait five minutes for somebody who does not come.
    opened.catch(() => child.kill())
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const code = await ended(child)
  process.removeListener('exit', killAtExit)
  await opened
  return { code, output }
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', (code) => resolve(code)))

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}
