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
  /** What a person at the terminal answers; empty: nobody is there. */
  const answers: boolean[] = []
  const questions: string[] = []
  const harness = {
    dir,
    data,
    state,
    host,
    /** What happens while the person at the terminal thinks. */
    beforeAnswer: () => {},
    answers,
    questions,
    /** Variables there, besides the usual. */
    env: {} as Record<string, string>,
    /** Letters per line; undefined: nobody looks. */
    terminal: { width: undefined as number | undefined },
    /** What stands on standard input; null: it is a terminal. */
    input: null as string | null,
    /** Runs a command as the shell would split it; gives what it wrote and its exit code. */
    async drawbridge(...argv: string[]): Promise<Ran> {
      const out: string[] = []
      const err: string[] = []
      const code = await run(argv, {
        out: (line) => out.push(line),
        err: (line) => err.push(line),
        width: harness.terminal.width,
        env: { DRAWBRIDGE_DATA: data, FROM_HERE: 'value from here', ...harness.env },
        cwd: '/home/ada',
        ...(harness.input !== null && { input: async () => harness.input! }),
        ...(answers.length > 0 && {
          confirm: async (question: string) => {
            questions.push(question)
            harness.beforeAnswer()
            return answers.shift()!
          },
        }),
      })
      return { code, out: out.join('\n'), err: err.join('\n') }
    },
    /** What the host was last asked under this name. */
    last: (name: string) => state.log.findLast((one) => one.name === name)?.input,
    forget() {
      Object.assign(state, { grants: [], servers: [], connections: [], calls: [] })
      Object.assign(state, { clients: [], workspaces: [], adminKeyAt: null })
      state.preferences = {
        redirectDomains: null,
        requestsPerMinute: 100,
        maxServers: 100,
        largestAnswer: 32,
        activityDays: 90,
      }
      for (const tool of state.tools) Object.assign(tool, { enabled: true, alias: null, name: tool.id })
      harness.terminal.width = undefined
      harness.env = {}
      harness.input = null
      answers.length = 0
      questions.length = 0
      harness.beforeAnswer = () => {}
      state.log.length = 0
    },
    async stop() {
      await running.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return harness
}

export const json = (result: Ran) => JSON.parse(result.out)
