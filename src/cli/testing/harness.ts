import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHeadless } from '../../headless/start-headless.ts'
import { createFixtureHost } from '../../headless/testing/fixture-host.ts'
import { run } from '../run.ts'

export interface Ran {
  code: number
  out: string
  err: string
}

/** The headless shell over a host without rooms, and the command line to talk to it. For tests. */
export async function startHarness() {
  const dir = mkdtempSync(join(tmpdir(), 'cli-'))
  const data = join(dir, 'data')
  mkdirSync(join(dir, 'ui'))
  writeFileSync(join(dir, 'ui', 'index.html'), '<html><head></head></html>')
  const { host, state } = createFixtureHost({ dataDir: data })
  const running = await startHeadless(
    { dataDir: data, version: '0.0.0', json: true, open: false },
    { createHost: async () => host, uiDir: join(dir, 'ui'), print: () => {}, openBrowser: () => {} },
  )
  return {
    dir,
    data,
    state,
    /** Runs a command as the shell would split it; gives what it wrote and its exit code. */
    async drawbridge(...argv: string[]): Promise<Ran> {
      const out: string[] = []
      const err: string[] = []
      const code = await run(argv, {
        out: (line) => out.push(line),
        err: (line) => err.push(line),
        width: undefined,
        env: { DRAWBRIDGE_DATA: data, FROM_HERE: 'value from here' },
        cwd: '/home/ada',
      })
      return { code, out: out.join('\n'), err: err.join('\n') }
    },
    /** What the host was last asked under this name. */
    last: (name: string) => state.log.findLast((one) => one.name === name)?.input,
    forget() {
      Object.assign(state, { grants: [], servers: [], connections: [], calls: [] })
      Object.assign(state, { clients: [], workspaces: [], preferences: { redirectDomains: null } })
      state.log.length = 0
    },
    async stop() {
      await running.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const json = (result: Ran) => JSON.parse(result.out)
